import type { Tensor, Tf } from "./tensorflow.ts";

/** Mean cross entropy of rows of logits. @param labels the right column of each row */
export function crossEntropy(tf: Tf, logits: Tensor, labels: ArrayLike<number>): Tensor {
  const [rows, columns] = logits.shape;
  const right = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) right[row * columns + labels[row]] = -1 / rows;
  return tf.sum(tf.mul(tf.logSoftmax(logits), tf.tensor(right, [rows, columns])));
}
