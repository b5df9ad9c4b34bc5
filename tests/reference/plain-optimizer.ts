import { stepScalars } from "../../src/optimizers/scalars.ts";
import { type ReferenceState, referenceStep } from "./adamw.ts";

/** Hyper-parameters of one parameter, all resolved. */
export interface PlainOptions {
  lr: (k: number) => number;
  weightDecay: number;
  betas: readonly [number, number];
  eps: number;
  amsgrad: boolean;
  lrScale: number;
  gradScale: number;
}

interface PlainParameter extends ReferenceState {
  t: number;
  options: PlainOptions;
}

const DEFAULTS: PlainOptions = {
  lr: () => 1e-3,
  weightDecay: 0.01,
  betas: [0.9, 0.999],
  eps: 1e-8,
  amsgrad: false,
  lrScale: 1,
  gradScale: 1,
};

/** A whole optimizer in plain loops: what the facade must equal, bit for bit. */
export class PlainOptimizer {
  readonly parameters = new Map<string, PlainParameter>();
  #steps = 0;

  add(name: string, data: Float32Array, options: Partial<PlainOptions> = {}): this {
    const zeros = () => new Float32Array(data.length);
    this.parameters.set(name, {
      p: data.slice(),
      g: zeros(),
      m: zeros(),
      v: zeros(),
      ...(options.amsgrad ? { vmax: zeros() } : {}),
      t: 0,
      options: { ...DEFAULTS, ...options },
    });
    return this;
  }

  /** Steps the named parameters only. */
  step(gradients: Readonly<Record<string, Float32Array>>): void {
    for (const [name, gradient] of Object.entries(gradients)) {
      const parameter = this.get(name);
      const { lr, weightDecay, betas, eps, amsgrad, lrScale, gradScale } = parameter.options;
      parameter.t++;
      parameter.g.set(gradient);
      const scalars = stepScalars(
        {
          lr: lr(this.#steps),
          lrScale,
          initialLr: Number.NaN,
          weightDecay,
          beta1: betas[0],
          beta2: betas[1],
          eps,
          t: parameter.t,
          gradScale,
        },
        {} as ReturnType<typeof stepScalars>,
      );
      referenceStep(parameter, scalars, { amsgrad, flush: parameter.t % 64 === 0 });
    }
    this.#steps++;
  }

  get(name: string): PlainParameter {
    const parameter = this.parameters.get(name);
    if (!parameter) throw new Error(`no parameter ${name}`);
    return parameter;
  }
}
