import type { AdamWGroup, AdamWOptions, StepReport } from "../../src/index.ts";
import { AdamW, type Gradient, type NamedGradients, staticLossScale } from "../../src/index.ts";
import { type Schedule, scheduleFromData } from "../../src/schedules/index.ts";
import type {
  Filling,
  GradientCase,
  GradientsCase,
  GroupCase,
  Operation,
  ParameterCase,
  Rate,
  TrainingCase,
} from "./cases.ts";
import { bitPatterns, realistic, tiny } from "./patterns.ts";
import { narrowed, valueOfHalf } from "./round-half.ts";

// Makes optimizers of the plain data in arbitraries.ts, and does with them what the data say.

const LARGEST_HALF = { float16: 0x7bff, bfloat16: 0x7f7f };

/** float32[length] of a filling. */
export function filled(length: number, filling: Filling): Float32Array<ArrayBuffer> {
  if ("values" in filling) {
    const { values } = filling;
    return Float32Array.from({ length }, (_, i) => values[i % values.length]);
  }
  const { pattern, seed } = filling;
  if (pattern === "realistic") return realistic(length, seed);
  if (pattern === "tiny") return tiny(length, seed);
  // Down to 2^58, so that sums of some are no overflow yet.
  return bitPatterns(length, seed).map((x) => (Math.abs(x) > 2 ** 58 ? x * 2 ** -70 : x));
}

export const lengthOf = (shape: readonly number[]) => shape.reduce((product, n) => product * n, 1);
export const rowLengthOf = (shape: readonly number[]) => lengthOf(shape.slice(1));

/** The rows and values of a row-sparse gradient for this shape; null where it can have none. */
export function rowsOf(gradient: GradientCase, shape: readonly number[]) {
  if (gradient.kind !== "rows" || shape.length === 0) return null;
  const list = shape[0] === 0 ? [] : gradient.rows.map((row) => row % shape[0]);
  return { list, values: filled(list.length * rowLengthOf(shape), gradient.filling) };
}

/** Bits of a gradient in 16 bits; what would be infinite is the largest number instead. */
export function halvesOf(values: Float32Array, dtype: "float16" | "bfloat16"): Uint16Array {
  const largest = LARGEST_HALF[dtype];
  return narrowed(values, dtype).halves.map((half) => {
    return (half & 0x7fff) > largest ? (half & 0x8000) | largest : half;
  });
}

type Dtype = "float32" | "float16" | "bfloat16";

/** A gradient as an optimizer takes it. What cannot have rows gets a dense one. */
export function gradientFor(
  gradient: GradientCase,
  shape: readonly number[],
  dtype: Dtype,
): Gradient {
  const sparse = rowsOf(gradient, shape);
  if (sparse && gradient.kind === "rows") {
    const { list, values } = sparse;
    const kinds = {
      array: list,
      Int32Array: Int32Array.from(list),
      Uint32Array: Uint32Array.from(list),
    };
    return { rows: kinds[gradient.list], values };
  }
  const values = filled(lengthOf(shape), gradient.filling);
  return dtype === "float32" ? values : halvesOf(values, dtype);
}

/** Gradients by name; the names that are left out are not in it. */
export function namedGradients(
  { parameters, options }: TrainingCase,
  gradients: GradientsCase,
): NamedGradients {
  const entries = parameters.flatMap(({ name, shape }, index) => {
    const gradient = gradients[index % gradients.length];
    if (gradient === undefined) return [];
    const { gradients: dtype } = options.precision;
    return [[name, gradient && gradientFor(gradient, shape, dtype)] as const];
  });
  return Object.fromEntries(entries);
}

/** One finite gradient everywhere, but for one element. */
export function spoiledGradients(
  { parameters }: TrainingCase,
  { parameter, at, bad }: Extract<Operation, { do: "spoil" }>,
): Record<string, Float32Array> | null {
  const target = parameters[parameter % parameters.length];
  if (lengthOf(target.shape) === 0) return null;
  return Object.fromEntries(
    parameters.map(({ name, shape }) => {
      const gradient = new Float32Array(lengthOf(shape)).fill(0.25);
      if (name === target.name) gradient[at % gradient.length] = bad;
      return [name, gradient];
    }),
  );
}

const made = new WeakMap<object, Schedule>();

/** A rate as optimizers take it; the same data give the same schedule. */
export function scheduled(rate: Rate): number | Schedule {
  if (typeof rate === "number") return rate;
  const schedule = made.get(rate) ?? scheduleFromData(rate);
  made.set(rate, schedule);
  return schedule;
}

/** How the same training lies in memory, and in which order things are given. */
export interface Layout {
  /** Sorts parameters within their groups. */
  readonly order?: (parameters: readonly ParameterCase[]) => readonly ParameterCase[];
  /** Sorts the groups. */
  readonly groupOrder?: (groups: readonly AdamWGroup[]) => readonly AdamWGroup[];
  /** Whether every parameter is a group of its own. */
  readonly apart?: boolean;
  readonly slabBytes?: number;
  readonly splitParameters?: boolean;
}

/** The weights that a parameter begins with. Without masters, those that the model copy can hold. */
export function dataOf(
  { shape, weights }: ParameterCase,
  { options: { precision } }: Pick<TrainingCase, "options">,
): Float32Array {
  const { model, master } = precision;
  const values = filled(lengthOf(shape), weights);
  if (master || model === "float32") return values;
  return Float32Array.from(narrowed(values, model).halves, (half) => valueOfHalf(half, model));
}

/** What a group has for itself, as optimizers take it. */
export function groupSettings(group: GroupCase): Omit<AdamWGroup, "params"> {
  const { clip, lr, weightDecay, ...rest } = group;
  const rates = { lr: scheduled(lr), weightDecay: scheduled(weightDecay) };
  return { ...rest, ...rates, ...(clip ? { clip } : {}) };
}

/** A parameter with its initial weights. */
export const specOf = (one: ParameterCase, training: Pick<TrainingCase, "options">) => {
  return { name: one.name, shape: one.shape, data: dataOf(one, training) };
};

/** The groups of a training that have parameters, each with its index as its name. */
export function groupsOf(training: TrainingCase, { order = (same) => same, apart }: Layout = {}) {
  return training.groups.flatMap((group, index): AdamWGroup[] => {
    const settings = groupSettings(group);
    const own = order(training.parameters).filter((one) => groupIndex(training, one) === index);
    if (own.length === 0) return [];
    const params = own.map((one) => specOf(one, training));
    if (!apart) return [{ ...settings, name: `${index}`, params }];
    return params.map((spec, i) => ({ ...settings, name: `${index}.${i}`, params: [spec] }));
  });
}

export const groupIndex = ({ groups }: TrainingCase, { group }: ParameterCase) =>
  group % groups.length;

/** The rules of a training, which are functions. */
export function rulesOf(training: TrainingCase) {
  const of = (name: string) =>
    training.parameters.find((one) => one.name === name) as ParameterCase;
  return {
    decays: ({ name }: { name: string }) => of(name).decays,
    lrScale: ({ name }: { name: string }) => of(name).lrScale,
    clips: ({ name }: { name: string }) => of(name).clips,
  };
}

export function openOptimizer(training: TrainingCase, layout: Layout = {}): AdamW {
  const { groupOrder = (same) => same } = layout;
  const groups = groupOrder(groupsOf(training, layout));
  return new AdamW(groups, { ...optionsOf(training, layout), ...rulesOf(training) });
}

/** The options of a training but for its rules. */
export function optionsOf(
  { options }: Pick<TrainingCase, "options">,
  { slabBytes, splitParameters }: Layout = {},
): AdamWOptions {
  const { clip, lossScale, ...plain } = options;
  return {
    ...plain,
    ...(clip ? { clip } : {}),
    ...(lossScale ? { lossScale: staticLossScale(lossScale) } : {}),
    ...(slabBytes ? { slabBytes } : {}),
    ...(splitParameters === undefined ? {} : { splitParameters }),
  };
}

/**
 * The same operations without those whose meaning is open while micro-batches are summed: until the
 * sums are used, named gradients join them, and nothing else touches gradients.
 */
export function sumsUndisturbed(operations: readonly Operation[]): Operation[] {
  let summing = false;
  return operations.flatMap((operation): Operation[] => {
    if (operation.do === "accumulate") summing = true;
    if (operation.do === "stepAll") summing = false;
    if (!summing) return [operation];
    if (operation.do === "step") return [{ ...operation, do: "accumulate", average: false }];
    return ["write", "spoil", "zeroGradients"].includes(operation.do) ? [] : [operation];
  });
}

/** What a step came to: its report, or that it was refused; null for anything but a step. */
export type Outcome<Report> = Report | "refused" | null;

/** Where the optimizer's group is that a group of the training became. */
const isGroup = (index: number) => (group: { readonly name: string }) =>
  group.name === `${index}` || group.name.startsWith(`${index}.`);

/** Does one operation. */
export function apply(
  optimizer: AdamW,
  training: TrainingCase,
  operation: Operation,
  metrics = false,
): Outcome<StepReport> {
  const parameterOf = (index: number) => training.parameters[index % training.parameters.length];
  const dtype = training.options.precision.gradients;
  switch (operation.do) {
    case "step":
      return stepped(() =>
        optimizer.step(namedGradients(training, operation.gradients), { metrics }),
      );
    case "stepAll": {
      let last: Outcome<StepReport> = null;
      for (let i = 0; i < operation.times; i++) {
        last = stepped(() => optimizer.step(undefined, { metrics }));
      }
      return last;
    }
    case "spoil": {
      const gradients = spoiledGradients(training, operation);
      if (!gradients || training.options.nonFinite === "allow") return null;
      return stepped(() => optimizer.step(gradients, { metrics }));
    }
    case "write": {
      const { name, shape } = parameterOf(operation.parameter);
      writeView(optimizer, name, filled(lengthOf(shape), operation.filling), dtype);
      return null;
    }
    case "accumulate":
      optimizer.accumulate(namedGradients(training, operation.gradients), {
        average: operation.average,
      });
      return null;
    case "zeroGradients":
      optimizer.zeroGradients();
      return null;
    case "assign":
      assign(optimizer, operation.group % training.groups.length, operation.changed);
      return null;
    case "setWeights": {
      const { name, shape } = parameterOf(operation.parameter);
      optimizer.setWeights({ [name]: filled(lengthOf(shape), operation.weights) });
      return null;
    }
  }
}

function stepped(step: () => StepReport): Outcome<StepReport> {
  try {
    return step();
  } catch (error) {
    if (error instanceof RangeError || (error as { code?: string }).code === "NON_FINITE") {
      return "refused";
    }
    throw error;
  }
}

/** Writes a gradient as a user does who holds views, in 16 bits where gradients come so. */
function writeView(optimizer: AdamW, name: string, values: Float32Array, dtype: Dtype): void {
  for (const { first, length, gradient, gradient16 } of optimizer.parameter(name).parts) {
    const own = values.subarray(first, first + length);
    if (dtype === "float32") gradient.set(own);
    else gradient16?.set(halvesOf(own, dtype));
  }
}

function assign(optimizer: AdamW, index: number, changed: Partial<GroupCase>): void {
  for (const group of optimizer.groups.filter(isGroup(index))) {
    if (changed.lr !== undefined) group.lr = scheduled(changed.lr);
    if (changed.weightDecay !== undefined) group.weightDecay = scheduled(changed.weightDecay);
    if (changed.betas !== undefined) group.betas = changed.betas;
  }
}
