import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { exampleFile } from "../examples/common/packages.ts";
import { Random } from "../examples/common/random.ts";
import { fromSafetensors, toSafetensors } from "../examples/common/safetensors.ts";
import { toBatch } from "../examples/spam-filter/batch.ts";
import type { Mail } from "../examples/spam-filter/corpus.ts";
import { fromEightBits, toEightBits } from "../examples/spam-filter/eight-bits.ts";
import { Encoder } from "../examples/spam-filter/encoder.ts";
import { scores } from "../examples/spam-filter/evaluate.ts";
import { fineTune } from "../examples/spam-filter/fine-tune.ts";
import { crossEntropy } from "../examples/spam-filter/loss.ts";
import { operations } from "../examples/spam-filter/operations.ts";
import { Rival } from "../examples/spam-filter/rival.ts";
import { classifierShapes, encoderShapes, SHAPE } from "../examples/spam-filter/shape.ts";
import {
  loadTensorFlow,
  type Tensor,
  type TfOptimizer,
} from "../examples/spam-filter/tensorflow.ts";
import { Vocabulary } from "../examples/spam-filter/vocabulary.ts";
import { freshWeights, makeVariables } from "../examples/spam-filter/weights.ts";
import * as tfjs from "../src/adapters/tfjs/index.ts";
import { families, layerDecay } from "../src/index.ts";

const test = suite("spam filter: model");
const tf = await loadTensorFlow("cpu");

function numbers(length: number, seed: number): Float32Array {
  const random = new Random(seed);
  return Float32Array.from({ length }, () => 2 * random.uniform() - 1);
}

function farthest(a: Float32Array, b: Float32Array): number {
  assert.is(a.length, b.length);
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
}

test("gradients of matMul: as TensorFlow.js's own, for matrices and batches of them", async () => {
  const cases = [
    [
      [3, 5],
      [5, 4],
    ],
    [
      [2, 3, 5],
      [2, 5, 4],
    ],
    [
      [1, 1],
      [1, 7],
    ],
  ];
  for (const backend of ["cpu", "wasm"]) {
    await tf.setBackend(backend);
    for (const [left, right] of cases) {
      const [a, b] = [left, right].map((shape, i) => {
        return tf.tensor(
          numbers(
            shape.reduce((x, y) => x * y),
            i + 1,
          ),
          shape,
        );
      });
      const weighted = (product: Tensor) => tf.sum(tf.square(product));
      const own = tf.grads((a, b) => weighted(operations(tf).matMul(a, b)))([a, b]);
      const theirs = tf.grads((a, b) => weighted(tf.matMul(a, b)))([a, b]);
      own.forEach((gradient, i) => {
        assert.equal(gradient.shape, theirs[i].shape);
        const distance = farthest(gradient.dataSync(), theirs[i].dataSync());
        assert.ok(distance < 1e-5, `${backend} ${left} x ${right}: ${distance}`);
      });
    }
  }
});

test("gradients of rows: as TensorFlow.js's own, with indices that occur twice or never", async () => {
  await tf.setBackend("cpu");
  const table = tf.tensor(numbers(6 * 4, 3), [6, 4]);
  const indices = Int32Array.of(5, 0, 5, 2, 5);
  const weights = tf.tensor(numbers(5 * 4, 4), [5, 4]);
  const [own] = tf.grads((table) => tf.sum(tf.mul(operations(tf).rows(table, indices), weights)))([
    table,
  ]);
  const [theirs] = tf.grads((table) => {
    return tf.sum(tf.mul(tf.gather(table, tf.tensor(indices, [5], "int32")), weights));
  })([table]);
  assert.equal(own.shape, [6, 4]);
  assert.ok(farthest(own.dataSync(), theirs.dataSync()) < 1e-6);
  assert.ok(
    own
      .dataSync()
      .slice(4, 8)
      .every((value) => value === 0),
    "row 1 is in no place",
  );
  await tf.setBackend("wasm");
  const [onWasm] = tf.grads((table) =>
    tf.sum(tf.mul(operations(tf).rows(table, indices), weights)),
  )([table]);
  assert.equal(onWasm.dataSync(), own.dataSync());
});

test("the model: slopes agree with its gradients, and the backends with each other", async () => {
  const shape = { ...SHAPE, vocabulary: 20, length: 6, layers: 2, width: 6, heads: 2, inner: 8 };
  const shapes = { ...encoderShapes(shape), ...classifierShapes(shape) };
  const weights = freshWeights(shapes, new Random(7));
  const batch = toBatch([
    [1, 7, 3, 9],
    [1, 3, 12, 11, 19, 4],
  ]);
  const gradients: Record<string, Float32Array>[] = [];
  for (const backend of ["cpu", "wasm"]) {
    await tf.setBackend(backend);
    const variables = makeVariables(tf, shapes, weights);
    const encoder = new Encoder(tf, shape, variables);
    const loss = () => crossEntropy(tf, encoder.classify(batch), [0, 1]);
    const { grads } = tf.variableGrads(loss);
    assert.equal(Object.keys(grads).sort(), Object.keys(shapes).sort(), "each has a gradient");
    gradients.push(
      Object.fromEntries(
        Object.entries(grads).map(([name, grad]) => [name, grad.dataSync().slice()]),
      ),
    );
    for (const name of [
      "embeddings.word_embeddings.weight",
      "encoder.layer.0.attention.self.key.weight",
      "encoder.layer.1.output.LayerNorm.weight",
    ]) {
      const place = name.startsWith("emb") ? 7 * 6 + 1 : 2;
      const lossAt = (delta: number) => {
        const moved = weights[name].slice();
        moved[place] += delta;
        variables[name].assign(tf.tensor(moved, shapes[name]));
        return loss().dataSync()[0];
      };
      const slope = (lossAt(0.01) - lossAt(-0.01)) / 0.02;
      lossAt(0);
      const gradient = gradients[gradients.length - 1][name][place];
      assert.ok(Math.abs(slope - gradient) < 2e-3, `${backend} ${name}: ${slope}, ${gradient}`);
    }
    tf.dispose(Object.values(variables));
  }
  for (const [name, gradient] of Object.entries(gradients[0])) {
    assert.ok(farthest(gradient, gradients[1][name]) < 1e-5, name);
  }
});

const mails = Array.from({ length: 160 }, (_, i): Mail => {
  const isSpam = i % 3 === 0;
  const body = Array.from({ length: 12 }, (_, k) => `${isSpam ? "s" : "h"}${(i * 7 + k * k) % 23}`);
  return { path: String(i), isSpam, subject: ["word"], body };
});
const vocabulary = new Vocabulary(mails);
const job = { tf, mails, vocabulary, setting: { lr: 3e-3, layerDecay: 0.8 }, seed: 1, steps: 12 };

test("fine-tuning lowers the loss, leaves no tensors, and gives the same digest again", async () => {
  await tf.setBackend("wasm");
  const before = tf.memory().numTensors;
  // One after the other: TensorFlow.js's variables have names of their own.
  const [first, again, other] = [1, 1, 2].map((seed) => {
    const run = fineTune({ ...job, seed });
    run.dispose();
    return run;
  });
  const { losses } = first;
  assert.ok(losses[11] < 0.6 * losses[0], `losses ${losses}`);
  assert.is(first.digest, again.digest);
  assert.is.not(first.digest, other.digest);
  assert.is(tf.memory().numTensors, before);
});

test("layer decay: deeper layers learn more slowly, by the power of their depth", async () => {
  await tf.setBackend("wasm");
  const { description, dispose } = fineTune({ ...job, steps: 2 });
  dispose();
  const scales = Object.fromEntries(
    description.parameters.map((each) => [each.name, each.lrScale]),
  );
  // Embeddings lie five layers below the classifier.
  assert.ok(Math.abs(scales["embeddings.word_embeddings.weight"] - 0.8 ** 5) < 1e-12);
  assert.ok(Math.abs(scales["encoder.layer.2.output.LayerNorm.bias"] - 0.8 ** 2) < 1e-12);
  assert.is(scales["classifier.bias"], 1);
  assert.is(description.parameters.length, Object.keys(scales).length);
});

test("the README's changed line makes an optimizer that decays by layer", async () => {
  await tf.setBackend("wasm");
  const readme = readFileSync(exampleFile("spam-filter", "README.md"), "utf8");
  const line = /^\+(const optimizer = .+;)$/m.exec(readme)?.[1];
  assert.ok(line, "the README has the line");
  const run = new Function("tf", "tfjs", "families", "layerDecay", `${line} return optimizer;`);
  const optimizer = run(tf, tfjs, families, layerDecay) as TfOptimizer;
  const names = ["embeddings.a.weight", "encoder.layer.0.b.weight", "classifier.weight"];
  const variables = names.map((name) => tf.variable(tf.tensor([1, 2]), true, name));
  optimizer.minimize(() => variables.map((each) => tf.sum(tf.square(each))).reduce(tf.add));
  // The first step of Adam is the rate, whatever the gradient.
  const moves = variables.map((variable) => 1 - variable.dataSync()[0]);
  [0.8 ** 2, 0.8, 1].forEach((scale, i) => {
    assert.ok(Math.abs(moves[i] - 1e-3 * scale) < 2e-5, `${names[i]} moved by ${moves[i]}`);
  });
  optimizer.dispose();
  tf.dispose(variables);
});

test("padding changes nothing, and a mail's verdict does not depend on its company", async () => {
  await tf.setBackend("cpu");
  const shapes = { ...encoderShapes(SHAPE), ...classifierShapes(SHAPE) };
  const variables = makeVariables(tf, shapes, freshWeights(shapes, new Random(9)));
  const encoder = new Encoder(tf, SHAPE, variables);
  const short = [1, 300, 3, 500];
  const long = Array.from({ length: 32 }, (_, i) => 130 + i);
  const logits = (sequences: number[][]) =>
    tf.tidy(() => encoder.classify(toBatch(sequences)).dataSync().slice());
  const alone = logits([short]);
  assert.ok(farthest(alone, logits([short, long]).slice(0, 2)) < 1e-5);
  assert.ok(farthest(alone, logits([long])) > 1e-3, "other mails, other logits");
  tf.dispose(Object.values(variables));
});

test("the rival moves copies, and only those", async () => {
  await tf.setBackend("wasm");
  const rival = new Rival(tf, 1e-3);
  const alone = fineTune(job);
  alone.dispose();
  const watched = fineTune({ ...job, rival });
  watched.dispose();
  assert.is(watched.digest, alone.digest);
  assert.ok(rival.seconds > 0);
  rival.dispose();
});

test("scores: accuracy, precision, recall and F1 of spam", () => {
  const called = [true, true, true, false, false, false, false, false];
  const labels = [1, 1, 0, 1, 0, 0, 0, 0];
  const { accuracy, precision, recall, f1 } = scores(called, labels);
  assert.equal([accuracy, precision, recall, f1], [6 / 8, 2 / 3, 2 / 3, 2 / 3]);
  assert.is(scores([false, false], [0, 1]).f1, 0);
});

test("eight bits: half a step off at most, row by row, and exact where nothing is", () => {
  const data = numbers(5 * 8, 6);
  for (let i = 0; i < 8; i++) {
    data[i] *= 1000;
    data[8 + i] = 0;
  }
  const packed = toEightBits(data, 5);
  const unpacked = fromEightBits(packed);
  data.forEach((value, i) => {
    const step = packed.scales[Math.floor(i / 8)];
    assert.ok(Math.abs(value - unpacked[i]) <= 0.501 * step, `element ${i}`);
  });
  assert.ok(unpacked.slice(8, 16).every((value) => value === 0));
});

test("the safetensors file reads back, and its data have no holes", () => {
  const tensors = {
    small: { shape: [3], data: Int8Array.of(-127, 0, 5) },
    wide: { shape: [2, 1], data: Float32Array.of(1.5, -0) },
  };
  const file = toSafetensors({ tensors, metadata: { a: "b" } });
  const read = fromSafetensors(file);
  assert.equal(read.metadata, { a: "b" });
  for (const name of ["small", "wide"] as const) {
    assert.equal(read.tensors[name].shape, tensors[name].shape);
    assert.ok(Object.is(read.tensors[name].data[1], tensors[name].data[1]));
    assert.equal([...read.tensors[name].data], [...tensors[name].data]);
  }
  const headerBytes = Number(new DataView(file.buffer).getBigUint64(0, true));
  assert.is(headerBytes % 8, 0);
  assert.is(file.length, 8 + headerBytes + 8 + 3);
});

test.run();
