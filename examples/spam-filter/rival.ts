import type { Gradients, Tf, TfOptimizer, Variable } from "./tensorflow.ts";
import type { Variables } from "./weights.ts";

/** TensorFlow.js's own Adam on the same gradients, to compare times. It moves copies. */
export class Rival {
  readonly #tf: Tf;
  readonly #adam: TfOptimizer;
  #copies: Record<string, Variable> | undefined;
  seconds = 0;

  constructor(tf: Tf, lr: number) {
    this.#tf = tf;
    this.#adam = tf.train.adam(lr, 0.9, 0.999, 1e-8);
  }

  step(variables: Variables, gradients: Gradients): void {
    const tf = this.#tf;
    this.#copies ??= Object.fromEntries(
      Object.entries(variables).map(([name, variable]) => {
        const copy = tf.tidy(() =>
          tf.variable(tf.tensor(variable.dataSync().slice(), variable.shape), true, rivalOf(name)),
        );
        return [name, copy];
      }),
    );
    const named = Object.fromEntries(
      Object.entries(gradients).map(([name, gradient]) => [rivalOf(name), gradient]),
    );
    const started = performance.now();
    this.#adam.applyGradients(named);
    this.seconds += (performance.now() - started) / 1000;
  }

  dispose(): void {
    this.#tf.dispose(Object.values(this.#copies ?? {}));
    this.#adam.dispose();
  }
}

function rivalOf(name: string): string {
  return `rival/${name}`;
}
