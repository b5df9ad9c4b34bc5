import type { ClipAdaptive, ClipByGlobalNorm } from "../../src/gradients/clip.ts";
import type { Clip } from "../../src/index.ts";
import { stepScalars } from "../../src/optimizers/scalars.ts";
import { inNameOrder } from "../../src/parameters/name-order.ts";
import { referenceStep } from "./adamw.ts";
import { orderedSum } from "./gradient-parts.ts";
import { type HalfName, narrowed, valueOfHalf } from "./round-half.ts";

// The way of a gradient through a step (docs/semantics.md, "The gradient's way") in plain loops over
// whole dense arrays: no slabs, no parts, no rows but as a set of those that move.

const f = Math.fround;

export interface ModelParameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
  readonly lr: number;
  readonly weightDecay: number;
  readonly betas: readonly [number, number];
  readonly amsgrad: boolean;
  readonly centralize: boolean;
  readonly clip: Clip | null;
  /** Parameters with the same one share a clip by global norm. */
  readonly scope: string;
}

export interface ModelOptions {
  readonly maximize: boolean;
  readonly model: HalfName | "float32";
  readonly master: boolean;
}

/** A gradient, dense; `rows` where only these move. */
export interface ModelGradient {
  readonly values: Float32Array;
  readonly rows: ReadonlySet<number> | null;
}

interface State extends ModelParameter {
  readonly p: Float32Array;
  readonly m: Float32Array;
  readonly v: Float32Array;
  readonly vmax: Float32Array;
  t: number;
}

interface Moving {
  readonly name: string;
  readonly state: State;
  g: Float32Array;
  readonly rows: ReadonlySet<number> | null;
  scale: number;
}

export const lengthOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
const dot = (x: Float32Array, y: Float32Array, total = 0) => {
  let sum = total;
  for (let from = 0; from < x.length; from += 4096) {
    const s = new Float64Array(8);
    for (let i = from; i < Math.min(from + 4096, x.length); i++) s[i % 8] += x[i] * y[i];
    sum += s[0] + s[4] + (s[2] + s[6]) + (s[1] + s[5] + (s[3] + s[7]));
  }
  return sum;
};
const rangeNorm = (x: Float32Array) => Math.sqrt(orderedSum(Array.from(x, (a) => a * a)));
const ratio = (a: number, b: number) => (b === 0 ? 0 : a / b);

export class StepModel {
  readonly states: ReadonlyMap<string, State>;
  readonly #options: ModelOptions;

  constructor(parameters: readonly ModelParameter[], options: ModelOptions) {
    this.#options = options;
    const state = (parameter: ModelParameter): State => {
      const zeros = () => new Float32Array(parameter.data.length);
      const moments = { m: zeros(), v: zeros(), vmax: zeros() };
      return { ...parameter, p: parameter.data.slice(), ...moments, t: 0 };
    };
    this.states = new Map(parameters.map((one) => [one.name, state(one)]));
  }

  /** The first element that is not finite, or beyond 2^63 times the loss scale; null for none. */
  findBad(gradients: ReadonlyMap<string, ModelGradient>, lossScale: number) {
    for (const parameter of this.states.keys()) {
      const values = gradients.get(parameter)?.values ?? new Float32Array(0);
      const index = values.findIndex((x) => !(Math.abs(x) <= Math.min(2 ** 63 * lossScale, 2e38)));
      if (index >= 0) return { parameter, index, value: values[index] };
    }
    return null;
  }

  step(gradients: ReadonlyMap<string, ModelGradient>, lossScale: number) {
    const moving = Array.from(this.states.values()).flatMap((state): Moving[] => {
      const given = gradients.get(state.name);
      if (!given) return [];
      return [{ name: state.name, state, g: given.values.slice(), rows: given.rows, scale: 1 }];
    });
    const left = writePasses(moving, lossScale);
    const sorted = inNameOrder(moving);
    const gradNorm = Math.sqrt(sorted.reduce((sum, { g }) => dot(g, g, sum), 0)) / left;
    setScales(sorted, this.#options.maximize ? -1 : 1, left);
    for (const one of moving) one.g = clipped(one);
    const metrics = new Map(moving.map((one) => [one.name, this.#update(one)]));
    return { gradNorm, metrics };
  }

  /** Updates one parameter; gives its metrics by Composer's names. */
  #update({ state, g, rows, scale }: Moving): Readonly<Record<string, number>> {
    const { p, m, v, vmax, betas, amsgrad } = state;
    const before = p.slice();
    state.t++;
    const inputs = { lr: state.lr, lrScale: 1, initialLr: state.lr, eps: 1e-8, t: state.t };
    const rates = { weightDecay: state.weightDecay, beta1: betas[0], beta2: betas[1] };
    const row = {} as ReturnType<typeof stepScalars>;
    const scalars = stepScalars({ ...inputs, ...rates, gradScale: scale }, row);
    const entered = new Float32Array(p.length);
    const length = rows ? lengthOf(state.shape.slice(1)) : p.length;
    for (const row of rows ?? [0]) {
      const [from, to] = [row * length, (row + 1) * length];
      const own = (plane: Float32Array) => plane.subarray(from, to);
      const one = {
        p: own(p),
        g: own(g),
        m: own(m),
        v: own(v),
        ...(amsgrad && { vmax: own(vmax) }),
      };
      referenceStep(one, scalars, { amsgrad, flush: state.t % 64 === 0 });
      own(entered).set(own(g).map((x) => x * f(scale)));
    }
    const { model, master } = this.#options;
    if (!master && model !== "float32") {
      narrowed(p, model).halves.forEach((half, i) => {
        p[i] = valueOfHalf(half, model);
      });
    }
    const u = p.map((x, i) => x - before[i]);
    const [moment, param, update, grad] = [m, p, u, entered].map((x) => Math.sqrt(dot(x, x)));
    return {
      "l2_norm/moment": moment,
      "l2_norm/param": param,
      "l2_norm/update": update,
      "l2_norm/grad": grad,
      "cosine/moment_grad": ratio(dot(m, entered), moment * grad),
      "cosine/update_grad": ratio(dot(u, entered), update * grad),
      "l2_norm_ratio/update_param": ratio(update, param),
    };
  }
}

/** Unscales and centralizes where any gradient needs it. Gives what they are still multiplied by. */
function writePasses(moving: readonly Moving[], lossScale: number): number {
  const writes = ({ state: { clip, centralize } }: Moving) =>
    centralize || clip?.kind === "value" || clip?.kind === "adaptive";
  if (!moving.some(writes)) return lossScale;
  for (const one of moving) {
    one.g = one.g.map((x) => x * (1 / lossScale));
    const { shape, centralize } = one.state;
    if (!centralize || shape.length < 2) continue;
    forEachRow(one.g, shape, (row) => {
      const mean = orderedSum(Array.from(row)) / row.length;
      row.forEach((x, i) => {
        row[i] = x - mean;
      });
    });
  }
  return 1;
}

function setScales(sorted: readonly Moving[], sign: number, left: number): void {
  const squares = new Map<string, number>();
  for (const { state, g } of sorted) {
    if (state.clip?.kind !== "globalNorm") continue;
    squares.set(state.scope, dot(g, g, squares.get(state.scope) ?? 0));
  }
  for (const one of sorted) {
    const { clip, scope } = one.state;
    let coefficient = 1;
    if (clip?.kind === "norm") {
      const norm = Math.sqrt(dot(one.g, one.g)) / left;
      coefficient = norm <= clip.max ? 1 : clip.max / norm;
    } else if (clip?.kind === "globalNorm") {
      coefficient = ofGlobalNorm(Math.sqrt(squares.get(scope) ?? 0) / left, clip);
    }
    one.scale = (sign * coefficient) / left;
  }
}

function ofGlobalNorm(norm: number, { max, formula }: ClipByGlobalNorm): number {
  if (formula === "paddle") return max / Math.max(norm, max);
  if (formula === "mindformers") return max / (Math.max(norm, max) + 1e-6);
  return Math.min(1, max / (norm + 1e-6));
}

/** By value or adaptively; else as it is. */
function clipped({ state: { clip, shape, p }, g }: Moving): Float32Array {
  if (clip?.kind === "value") return g.map((x) => Math.min(Math.max(x, f(clip.min)), f(clip.max)));
  if (clip?.kind !== "adaptive") return g;
  const unit = shape.length >= 2 ? shape : [1, g.length];
  forEachRow(g, unit, (row, from) => {
    const weight = rangeNorm(p.subarray(from, from + row.length));
    const coefficient = adaptive(rangeNorm(row), weight, clip);
    row.forEach((x, i) => {
      row[i] = x * coefficient;
    });
  });
  return g;
}

function adaptive(norm: number, weight: number, { factor, floor, convention }: ClipAdaptive) {
  const largest = factor * Math.max(weight, floor);
  if (convention === "timm") return norm < largest ? 1 : largest / Math.max(norm, 1e-6);
  return norm === 0 ? 1 : Math.min(1, largest / norm);
}

function forEachRow(
  x: Float32Array,
  shape: readonly number[],
  visit: (row: Float32Array, from: number) => void,
): void {
  const length = lengthOf(shape.slice(1));
  for (let row = 0; row < shape[0]; row++) {
    visit(x.subarray(row * length, (row + 1) * length), row * length);
  }
}
