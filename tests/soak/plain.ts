import { createHash } from "node:crypto";
import { type ReferenceState, referenceStep } from "../reference/adamw.ts";
import { power } from "../reference/plain-step.ts";
import {
  assignedRate,
  type Course,
  CYCLE,
  EPS,
  GROUPS,
  type Gradients,
  type GroupFacts,
  initialWeights,
  isAbsent,
  LARGEST_DECAY,
  LARGEST_NORM,
  lengthOf,
  PEAK,
} from "./model.ts";

export interface PlainOne extends ReferenceState {
  readonly name: string;
  readonly shape: readonly number[];
  readonly group: GroupFacts;
  t: number;
}

/** The same run in plain loops over whole arrays: docs/semantics.md. */
export class PlainSoak {
  /** In the order of their names. */
  readonly parameters: readonly PlainOne[];
  readonly #course: Course;
  #assigned: number;
  steps: number;

  constructor(start: number, course: Course, gradients: Gradients) {
    this.steps = start;
    this.#course = course;
    this.#assigned = assignedRate(start);
    this.parameters = GROUPS.flatMap((group) =>
      Object.entries(group.shapes).map(([name, shape]) => {
        const p = initialWeights(name, lengthOf(shape));
        const zeros = () => new Float32Array(p.length);
        const g = gradients.byName.get(name) ?? zeros();
        const moments = { m: zeros(), v: zeros(), ...(group.amsgrad && { vmax: zeros() }) };
        return { name, shape, group, p, g, ...moments, t: start };
      }),
    );
  }

  /** One step of the gradients that there are; gives their norm. */
  step(): number {
    const k = this.steps++;
    if (k % 1000 === 0) this.#assigned = assignedRate(k);
    const { warmup, total } = this.#course;
    const scheduled = k < warmup ? (PEAK * k) / warmup : PEAK * ((total - k) / (total - warmup));
    const place = k % (2 * CYCLE);
    const weightDecay = (LARGEST_DECAY * (place < CYCLE ? place : 2 * CYCLE - place)) / CYCLE;
    const moving = this.parameters.filter(({ name }) => !isAbsent(name, k));
    let squares = 0;
    for (const { g } of moving) squares += sumOfSquares(g);
    const norm = Math.sqrt(squares);
    const gradScale = Math.min(1, LARGEST_NORM / (norm + 1e-6));
    for (const one of moving) {
      const { amsgrad, betas } = one.group;
      const [beta1, beta2] = betas;
      const lr = amsgrad ? this.#assigned : scheduled;
      const t = ++one.t;
      const root = Math.sqrt(1 - power(beta2, t));
      const scalars = {
        ...{ gradScale, beta1, beta2, oneMinusBeta1: 1 - beta1, oneMinusBeta2: 1 - beta2 },
        decay: lr * weightDecay,
        stepSize: (lr * root) / (1 - power(beta1, t)),
        epsHat: EPS * root,
      };
      referenceStep(one, scalars, { amsgrad, flush: t % 64 === 0 });
    }
    return norm;
  }

  /** docs/semantics.md, "Digests". */
  digest(): string {
    const hash = createHash("sha256").update(`ashlar state 1\n[${this.steps}]\n`);
    for (const { name, shape, t, p, m, v, vmax } of this.parameters) {
      const planes: [string, Float32Array][] = [
        ["master float32", p],
        ["exp_avg float32", m],
        ["exp_avg_sq float32", v],
        ...(vmax ? ([["max_exp_avg_sq float32", vmax]] as [string, Float32Array][]) : []),
      ];
      hash.update(`${JSON.stringify([name, shape, [t], planes.map(([plane]) => plane)])}\n`);
      for (const [, values] of planes) hash.update(values);
    }
    return hash.digest("hex");
  }
}

/** Of one block. */
function sumOfSquares(x: Float32Array): number {
  const a = [0, 0, 0, 0, 0, 0, 0, 0];
  for (let i = 0; i < x.length; i++) a[i & 7] += x[i] * x[i];
  return a[0] + a[4] + (a[2] + a[6]) + (a[1] + a[5] + (a[3] + a[7]));
}
