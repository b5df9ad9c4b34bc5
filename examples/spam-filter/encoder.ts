import { type Batch, positions } from "./batch.ts";
import { operations, transposed } from "./operations.ts";
import type { Shape } from "./shape.ts";
import type { Tensor, Tf } from "./tensorflow.ts";
import { PAD } from "./vocabulary.ts";
import type { Variables } from "./weights.ts";

const NORM_EPSILON = 1e-5;
/** What the softmax is told of padding. */
const NOTHING = -1e9;
/** One over the temperature of the softmax over cosines. */
const SHARPNESS = 10;

/** A transformer encoder: attention, two dense layers with a ReLU, each followed by a norm. */
export class Encoder {
  readonly #tf: Tf;
  readonly #shape: Shape;
  readonly #variables: Variables;
  readonly #matMul: (a: Tensor, b: Tensor) => Tensor;
  readonly #rows: (table: Tensor, indices: Int32Array) => Tensor;

  constructor(tf: Tf, shape: Shape, variables: Variables) {
    this.#tf = tf;
    this.#shape = shape;
    this.#variables = variables;
    const { matMul, rows } = operations(tf);
    this.#matMul = matMul;
    this.#rows = rows;
  }

  /** One row per token: [count * length, width]. */
  encode(batch: Batch): Tensor {
    const tf = this.#tf;
    const { count, length, ids } = batch;
    const words = this.#rows(this.#at("embeddings.word_embeddings.weight"), ids);
    const places = this.#rows(this.#at("embeddings.position_embeddings.weight"), positions(batch));
    let rows = this.norm(tf.add(words, places), "embeddings");
    const mask = this.#mask(batch);
    for (let layer = 0; layer < this.#shape.layers; layer++) {
      const block = `encoder.layer.${layer}`;
      const attended = this.dense(
        this.#attention(rows, `${block}.attention.self`, mask, count, length),
        `${block}.attention.output.dense`,
      );
      rows = this.norm(tf.add(rows, attended), `${block}.attention.output`);
      const inner = tf.relu(this.dense(rows, `${block}.intermediate.dense`));
      const outer = this.dense(inner, `${block}.output.dense`);
      rows = this.norm(tf.add(rows, outer), `${block}.output`);
    }
    return rows;
  }

  /** The mean of each sequence's tokens: [count, width]. */
  means(batch: Batch): Tensor {
    const { count, length, ids } = batch;
    const shares = new Float32Array(count * count * length);
    for (let i = 0; i < count; i++) {
      const tokens = ids.subarray(i * length, (i + 1) * length);
      const used = tokens.reduce((sum, id) => sum + (id === PAD ? 0 : 1), 0);
      const row = i * count * length + i * length;
      tokens.forEach((id, k) => {
        if (id !== PAD) shares[row + k] = 1 / used;
      });
    }
    const mean = this.#tf.tensor(shares, [count, count * length]);
    return this.#matMul(mean, this.encode(batch));
  }

  /** Logits of ham and spam: [count, 2]. */
  classify(batch: Batch): Tensor {
    return this.dense(this.means(batch), "classifier");
  }

  /**
   * Logits of which sequence of the batch's second half goes with which of the first: cosines,
   * sharpened.
   */
  match(batch: Batch): Tensor {
    const tf = this.#tf;
    const half = batch.count / 2;
    const means = this.means(batch);
    const squares = tf.mul(tf.mean(tf.square(means), 1, true), this.#shape.width);
    const directions = tf.mul(means, tf.rsqrt(squares));
    const halves = [0, half].map((start) =>
      this.#rows(
        directions,
        Int32Array.from({ length: half }, (_, i) => start + i),
      ),
    );
    return tf.mul(this.#matMul(halves[0], transposed(tf, halves[1])), SHARPNESS);
  }

  dense(rows: Tensor, name: string): Tensor {
    return this.#tf.add(this.#matMul(rows, this.#at(`${name}.weight`)), this.#at(`${name}.bias`));
  }

  norm(rows: Tensor, name: string): Tensor {
    const tf = this.#tf;
    const centred = tf.sub(rows, tf.mean(rows, 1, true));
    const variance = tf.mean(tf.square(centred), 1, true);
    const epsilon = tf.tensor([NORM_EPSILON], [1, 1]);
    const scaled = tf.mul(centred, tf.rsqrt(tf.add(variance, epsilon)));
    const gain = tf.mul(scaled, this.#at(`${name}.LayerNorm.weight`));
    return tf.add(gain, this.#at(`${name}.LayerNorm.bias`));
  }

  #attention(rows: Tensor, name: string, mask: Tensor, count: number, length: number): Tensor {
    const tf = this.#tf;
    const { heads, width } = this.#shape;
    const size = width / heads;
    /** Rows as a batch of matrices, one per sequence and head; order [0, 1] of the last two. */
    const split = (part: string, order: readonly number[]) => {
      const all = tf.reshape(this.dense(rows, `${name}.${part}`), [count, length, heads, size]);
      const shape = order[2] === 1 ? [length, size] : [size, length];
      return tf.reshape(tf.transpose(all, order), [count * heads, ...shape]);
    };
    const query = tf.mul(split("query", [0, 2, 1, 3]), 1 / Math.sqrt(size));
    const scores = this.#matMul(query, split("key", [0, 2, 3, 1]));
    const shares = tf.softmax(tf.add(scores, mask));
    const mixed = this.#matMul(shares, split("value", [0, 2, 1, 3]));
    const side = tf.transpose(tf.reshape(mixed, [count, heads, length, size]), [0, 2, 1, 3]);
    return tf.reshape(side, [count * length, width]);
  }

  /** Added to the scores of attention: nothing looks at padding. */
  #mask({ count, length, ids }: Batch): Tensor {
    const { heads } = this.#shape;
    const values = new Float32Array(count * heads * length);
    for (let i = 0; i < count * heads; i++) {
      const sequence = Math.floor(i / heads);
      for (let k = 0; k < length; k++) {
        if (ids[sequence * length + k] === PAD) values[i * length + k] = NOTHING;
      }
    }
    return this.#tf.tensor(values, [count * heads, 1, length]);
  }

  #at(name: string): Tensor {
    const variable = this.#variables[name];
    if (!variable) throw new Error(`the model has no variable ${name}`);
    return variable;
  }
}
