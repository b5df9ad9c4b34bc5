import type { Save, Tensor, Tf } from "./tensorflow.ts";

/** Operations whose own gradients TensorFlow.js's wasm backend lacks, or computes slowly. */
export interface Operations {
  /** Product of matrices, or of batches of matrices. */
  matMul(a: Tensor, b: Tensor): Tensor;
  /** Rows of a matrix. */
  rows(table: Tensor, indices: Int32Array): Tensor;
}

/** The transpose of a matrix, or of each of a batch. */
export function transposed(tf: Tf, a: Tensor): Tensor {
  return tf.transpose(a, a.shape.length === 3 ? [0, 2, 1] : [1, 0]);
}

export function operations(tf: Tf): Operations {
  // The backend multiplies transposed matrices by a slow general loop (about 10 to 40 times slower
  // for large ones), and the gradient of matMul asks for two such products.
  const matMul = tf.customGrad((a: Tensor, b: Tensor, save: Save) => {
    save([a, b]);
    return {
      value: tf.matMul(a, b),
      gradFunc: (dy: Tensor, [a, b]: Tensor[]) => [
        tf.matMul(dy, transposed(tf, b)),
        tf.matMul(transposed(tf, a), dy),
      ],
    };
  });
  return {
    matMul,
    rows(table, indices) {
      const ids = tf.tensor(indices, [indices.length], "int32");
      const gather = tf.customGrad((table: Tensor) => ({
        value: tf.gather(table, ids),
        gradFunc: (dy) => scattered(tf, dy, indices, table.shape),
      }));
      return gather(table);
    },
  };
}

/** Adds up rows by index, in their order. The backend has no UnsortedSegmentSum. */
function scattered(tf: Tf, dy: Tensor, indices: Int32Array, [count, width]: number[]): Tensor {
  const values = dy.dataSync();
  const sums = new Float32Array(count * width);
  indices.forEach((row, i) => {
    for (let k = 0; k < width; k++) sums[row * width + k] += values[i * width + k];
  });
  return tf.tensor(sums, [count, width]);
}
