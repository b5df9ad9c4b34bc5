import type { Random } from "../common/random.ts";
import type { Tf, Variable } from "./tensorflow.ts";

/** Values of parameters, by name. */
export type Weights = Readonly<Record<string, Float32Array>>;
export type Variables = Readonly<Record<string, Variable>>;
export type Shapes = Readonly<Record<string, readonly number[]>>;

/** Half widths of the uniform distributions; words matter more than places. */
const WORD_BOUND = 0.1;
const POSITION_BOUND = 0.02;
/** What the blocks add to the stream is small at first, so that they begin as next to nothing. */
const OUTPUT_GAIN = 0.2;

/** Fresh weights: norms 1, biases 0, matrices uniform within Glorot's bound. */
export function freshWeights(shapes: Shapes, random: Random): Weights {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
      if (name.endsWith("LayerNorm.weight")) values.fill(1);
      else if (shape.length === 2) {
        const bound = boundOf(name, shape);
        values.forEach((_, i) => {
          values[i] = (2 * random.uniform() - 1) * bound;
        });
      }
      return [name, values];
    }),
  );
}

function boundOf(name: string, [rows, columns]: readonly number[]): number {
  if (name.startsWith("embeddings.word")) return WORD_BOUND;
  if (name.startsWith("embeddings")) return POSITION_BOUND;
  const glorot = Math.sqrt(6 / (rows + columns));
  return name.includes(".output.dense.") ? OUTPUT_GAIN * glorot : glorot;
}

/** Variables of TensorFlow.js with those values. */
export function makeVariables(tf: Tf, shapes: Shapes, weights: Weights): Variables {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      const variable = tf.tidy(() => tf.variable(tf.tensor(weights[name], shape), true, name));
      return [name, variable];
    }),
  );
}

/** Copies of the values of variables. */
export function readVariables(variables: Variables): Weights {
  return Object.fromEntries(
    Object.entries(variables).map(([name, variable]) => [name, variable.dataSync().slice()]),
  );
}
