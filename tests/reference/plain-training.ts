import { createHash } from "node:crypto";
import type { StepReport } from "../../src/index.ts";
import type { GradientsCase, GroupCase, Operation, ParameterCase, TrainingCase } from "./cases.ts";
import { type Moving, narrow, type PlainParameter, plainStep, upTo } from "./plain-step.ts";
import { added, merged, type Read } from "./plain-sums.ts";
import { narrowed, valueOfHalf } from "./round-half.ts";
import {
  dataOf,
  filled,
  gradientFor,
  groupIndex,
  halvesOf,
  lengthOf,
  type Outcome,
  rowLengthOf,
  rowsOf,
  spoiledGradients,
} from "./training-case.ts";

interface Kept extends PlainParameter {
  /** The view of gradients in 16 bits. */
  readonly g16: Uint16Array;
  /** The sum of micro-batches. */
  sum: Read | null;
}

/** A whole training in plain loops: what the optimizer must equal, bit for bit. */
export class PlainTraining {
  #training: TrainingCase;
  #groups: GroupCase[];
  /** In the order of the groups; what came later stands at the end. */
  readonly parameters: Kept[];
  steps = 0;
  #microBatches = 0;
  #average = false;

  constructor(training: TrainingCase) {
    this.#training = training;
    this.#groups = [...training.groups];
    this.parameters = upTo(this.#groups.length).flatMap((group) =>
      training.parameters
        .filter((one) => groupIndex(training, one) === group)
        .map((of) => this.#begin(of)),
    );
  }

  #begin(of: ParameterCase): Kept {
    const length = lengthOf(of.shape);
    const zeros = () => new Float32Array(length);
    const p = dataOf(of, this.#training);
    const { model } = this.#training.options.precision;
    const group = groupIndex(this.#training, of);
    return {
      ...{ of, group, p, g: zeros(), m: zeros(), v: zeros(), t: 0, sum: null },
      ...(this.#groups[group].amsgrad ? { vmax: zeros() } : {}),
      model: model === "float32" ? new Uint16Array(0) : narrowed(p, model).halves,
      g16: new Uint16Array(length),
    };
  }

  /** Whether sums of micro-batches wait for a step. */
  get waiting(): boolean {
    return this.#microBatches > 0;
  }

  /** Goes on with a training that has more parameters, and maybe groups, at the end of its lists. */
  grow(training: TrainingCase): void {
    const { groups, parameters } = this.#training;
    this.#training = training;
    this.#groups.push(...training.groups.slice(groups.length));
    this.parameters.push(
      ...training.parameters.slice(parameters.length).map((of) => this.#begin(of)),
    );
  }

  /** What a checkpoint brings back: all but gradients, parameters in the order of the groups. */
  saved(): PlainTraining {
    const saved = new PlainTraining(this.#training);
    saved.#groups = [...this.#groups];
    saved.steps = this.steps;
    saved.#microBatches = this.#microBatches;
    saved.#average = this.#average;
    for (const to of saved.parameters) {
      const { p, m, v, vmax, model, t, sum } = this.get(to.of.name);
      for (const [into, values] of [
        [to.p, p],
        [to.m, m],
        [to.v, v],
        [to.vmax, vmax],
        [to.model, model],
      ] as const) {
        into?.set(values ?? []);
      }
      Object.assign(to, { t, sum });
    }
    return saved;
  }

  get(name: string): Kept {
    const found = this.parameters.find(({ of }) => of.name === name);
    if (!found) throw new Error(`no parameter ${JSON.stringify(name)}`);
    return found;
  }

  /** Does one operation; a step's report has the groups' indices for names. */
  apply(operation: Operation): Outcome<StepReport> {
    const { parameters, options } = this.#training;
    const target = (index: number) => this.get(parameters[index % parameters.length].name);
    switch (operation.do) {
      case "step":
        return this.#stepWith(operation.gradients);
      case "stepAll": {
        let last: Outcome<StepReport> = null;
        for (let i = 0; i < operation.times; i++) last = this.#stepAll();
        return last;
      }
      case "spoil": {
        const gradients = spoiledGradients(this.#training, operation);
        if (!gradients || options.nonFinite === "allow") return null;
        for (const { of, g } of this.parameters) g.set(gradients[of.name]);
        return this.#run(this.parameters.map(whole));
      }
      case "write":
        this.#write(target(operation.parameter), operation);
        return null;
      case "accumulate":
        this.#accumulate(operation.gradients, operation.average);
        return null;
      case "zeroGradients":
        for (const { g, g16 } of this.parameters) for (const plane of [g, g16]) plane.fill(0);
        this.#forgetSums();
        return null;
      case "assign": {
        const index = operation.group % this.#groups.length;
        this.#groups[index] = { ...this.#groups[index], ...operation.changed };
        return null;
      }
      case "setWeights": {
        const parameter = target(operation.parameter);
        parameter.p.set(filled(parameter.p.length, operation.weights));
        narrow(whole(parameter), options.precision);
        return null;
      }
    }
  }

  get #dtype() {
    return this.#training.options.precision.gradients;
  }

  #widened(halves: Uint16Array): Float32Array {
    const dtype = this.#dtype === "float16" ? "float16" : "bfloat16";
    return Float32Array.from(halves, (half) => valueOfHalf(half, dtype));
  }

  #write({ g, g16 }: Kept, { filling }: Extract<Operation, { do: "write" }>): void {
    const values = filled(g.length, filling);
    if (this.#dtype === "float32") g.set(values);
    else g16.set(halvesOf(values, this.#dtype));
  }

  /** What a gradient case means for a parameter; duplicate rows are summed. */
  #read(gradients: GradientsCase, { of }: Kept): Read | null {
    const given = gradients[this.#training.parameters.indexOf(of) % gradients.length];
    if (!given) return null;
    const sparse = rowsOf(given, of.shape);
    if (sparse) return merged(sparse.list, sparse.values, of.shape);
    const values = gradientFor(given, of.shape, this.#dtype);
    if (values instanceof Float32Array) return { values, rows: null };
    return { values: this.#widened(values as Uint16Array), rows: null };
  }

  #stepWith(gradients: GradientsCase): Outcome<StepReport> {
    const moving = this.parameters.flatMap((parameter) => {
      const given = this.#read(gradients, parameter);
      if (!given) return [];
      if (given.rows === null && this.#dtype !== "float32") {
        parameter.g16.set(halvesOf(given.values, this.#dtype));
      }
      return [this.#place(parameter, given)];
    });
    return this.#run(moving);
  }

  #stepAll(): Outcome<StepReport> {
    if (this.#microBatches === 0) {
      for (const { g, g16 } of this.parameters) {
        if (this.#dtype !== "float32") g.set(this.#widened(g16));
      }
      return this.#run(this.parameters.map(whole));
    }
    const divisor = this.#average ? this.#microBatches : 1;
    return this.#run(
      this.parameters.flatMap((parameter) => {
        const { sum } = parameter;
        if (!sum) return [];
        return [this.#place(parameter, { ...sum, values: sum.values.map((x) => x / divisor) })];
      }),
    );
  }

  /** Stores a gradient: the whole of it, or of a lazy one its rows alone. */
  #place(parameter: Kept, { values, rows }: Read): Moving<Kept> {
    const lazy = rows && this.#training.options.lazy;
    const moving = lazy
      ? someRows(
          parameter,
          [...rows].sort((a, b) => a - b),
        )
      : whole(parameter);
    for (const i of moving.scope) parameter.g[i] = values[i];
    return moving;
  }

  #accumulate(gradients: GradientsCase, average: boolean): void {
    this.#microBatches++;
    this.#average = average;
    for (const parameter of this.parameters) {
      const given = this.#read(gradients, parameter);
      if (given)
        parameter.sum = parameter.sum ? added(parameter.of.shape, parameter.sum, given) : given;
    }
  }

  #run(moving: readonly Moving<Kept>[]): Outcome<StepReport> {
    const { options } = this.#training;
    const used = [...new Set(this.parameters.map(({ group }) => group))];
    const context = { options, groups: this.#groups, used, k: this.steps };
    const report = plainStep(context, moving);
    if (!report) return "refused";
    this.#forgetSums();
    if (!report.applied) return report;
    this.steps++;
    for (const { parameter, scope } of options.zeroGradients ? moving : []) {
      for (const i of scope) for (const plane of [parameter.g, parameter.g16]) plane[i] = 0;
    }
    return report;
  }

  #forgetSums(): void {
    this.#microBatches = 0;
    for (const parameter of this.parameters) parameter.sum = null;
  }

  /** docs/semantics.md, "Digests". */
  digest(): string {
    const { model } = this.#training.options.precision;
    const hash = createHash("sha256").update(`ashlar state 1\n[${this.steps}]\n`);
    const sorted = [...this.parameters].sort((a, b) =>
      Buffer.compare(Buffer.from(a.of.name), Buffer.from(b.of.name)),
    );
    for (const { of, t, p, m, v, vmax, model: copy } of sorted) {
      const planes: [string, Float32Array | Uint16Array][] = [
        ["master float32", p],
        ["exp_avg float32", m],
        ["exp_avg_sq float32", v],
      ];
      if (vmax) planes.push(["max_exp_avg_sq float32", vmax]);
      if (model !== "float32") planes.push([`model ${model}`, copy]);
      hash.update(`${JSON.stringify([of.name, of.shape, [t], planes.map(([name]) => name)])}\n`);
      for (const [, values] of planes) hash.update(values);
    }
    return hash.digest("hex");
  }
}

const whole = (parameter: Kept): Moving<Kept> => {
  const { shape } = parameter.of;
  return { parameter, rows: upTo(shape[0] ?? 1), scope: upTo(parameter.p.length) };
};

function someRows(parameter: Kept, rows: readonly number[]): Moving<Kept> {
  const rowLength = rowLengthOf(parameter.of.shape);
  const scope = rows.flatMap((row) => upTo(rowLength).map((i) => row * rowLength + i));
  return { parameter, rows, scope };
}
