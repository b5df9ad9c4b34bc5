import type { Clip, StepReport } from "../../src/index.ts";
import { type ReferenceState, referenceStep } from "./adamw.ts";
import type { GroupCase, OptionsCase, ParameterCase } from "./cases.ts";
import {
  addSquares,
  centralizeRows,
  clipByValues,
  clipUnits,
  coefficientOf,
  firstBad,
  scaleBy,
  unitsOf,
} from "./plain-gradients.ts";
import { narrowed, valueOfHalf } from "./round-half.ts";
import { rowLengthOf, scheduled } from "./training-case.ts";

// One step of the whole optimizer in plain loops: docs/semantics.md from "The gradient's way" on.

export interface PlainParameter extends ReferenceState {
  readonly of: ParameterCase;
  readonly group: number;
  t: number;
  /** Bits of the 16-bit model copy. */
  readonly model: Uint16Array;
}

/** A parameter in a step: the rows and the elements that its gradient has. */
export interface Moving<Parameter extends PlainParameter = PlainParameter> {
  readonly parameter: Parameter;
  readonly rows: readonly number[];
  readonly scope: readonly number[];
}

export interface PlainContext {
  readonly options: OptionsCase;
  readonly groups: readonly GroupCase[];
  /** Indices of the groups that have parameters. */
  readonly used: readonly number[];
  readonly k: number;
}

export const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

/** b^t by binary powering from the low bit. */
export function power(base: number, exponent: number): number {
  let [result, square] = [1, base];
  for (let rest = exponent; rest > 0; rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) result *= square;
    square *= square;
  }
  return result;
}

function clipOf({ options, groups }: PlainContext, { of, group }: PlainParameter): Clip | null {
  return groups[group].clip ?? (of.clips ? options.clip : null);
}

/** Steps the parameters that have gradients, in their order. null where nonFinite "throw" refuses. */
export function plainStep(context: PlainContext, moving: readonly Moving[]): StepReport | null {
  const { options, groups, used, k } = context;
  const at = (rate: GroupCase["lr"]) => {
    const of = scheduled(rate);
    return typeof of === "number" ? of : of(k);
  };
  const scale = options.lossScale ?? 1;
  const lr = Object.fromEntries(used.map((index) => [`${index}`, at(groups[index].lr)]));
  const report = { lr, lossScale: scale, overflowed: [] };
  const nonFinite = options.nonFinite === "allow" ? null : findBad(moving, scale);
  if (nonFinite && options.nonFinite === "throw") return null;
  if (nonFinite) return { ...report, step: k, applied: false, gradNorm: null, nonFinite };

  const { gradScales, norm } = prepare(context, moving, scale);
  moving.forEach(({ parameter, scope }, i) => {
    const group = groups[parameter.group];
    const rates = { lr: at(group.lr), weightDecay: at(group.weightDecay) };
    update(parameter, scope, group, rates, gradScales[i]);
  });
  const overflowed = moving.flatMap((one) => narrow(one, options.precision));
  return { ...report, step: k + 1, applied: true, gradNorm: norm, nonFinite: null, overflowed };
}

function findBad(moving: readonly Moving[], lossScale: number): StepReport["nonFinite"] {
  for (const { parameter, scope } of moving) {
    const index = firstBad(parameter.g, scope, lossScale);
    if (index < 0) continue;
    const value = parameter.g[index];
    const kind = Number.isNaN(value) ? "nan" : Number.isFinite(value) ? "overflow" : "infinite";
    return { parameter: parameter.of.name, index, value, kind };
  }
  return null;
}

/** Unscales, centralizes and clips; gives what the update multiplies each gradient by. */
function prepare(context: PlainContext, moving: readonly Moving[], lossScale: number) {
  const { options, groups } = context;
  const clips = moving.map(({ parameter }) => clipOf(context, parameter));
  const passes = moving.map(({ parameter }, i) => {
    const { centralize } = groups[parameter.group];
    return centralize || clips[i]?.kind === "value" || clips[i]?.kind === "adaptive";
  });
  const left = passes.includes(true) ? 1 : lossScale;
  for (const { parameter, scope, rows } of moving) {
    const { g, of, group } = parameter;
    if (left !== lossScale) scaleBy(g, scope, 1 / lossScale);
    const matrix = of.shape.length >= 2;
    if (groups[group].centralize && matrix) centralizeRows(g, rows, rowLengthOf(of.shape));
  }
  const norms = normsOf(context, moving, clips, left);
  clipStored(moving, clips);
  const sign = options.maximize ? -1 : 1;
  const gradScales = clips.map((clip, i) => {
    const coefficient = clip ? coefficientOf(norms.ofClip[i], clip) : 1;
    return (sign * coefficient) / left;
  });
  return { gradScales, norm: norms.all };
}

/** The norm of all gradients where it is asked for, and of each parameter that of what its clip counts. */
function normsOf(
  { options, groups }: PlainContext,
  moving: readonly Moving[],
  clips: readonly (Clip | null)[],
  left: number,
) {
  const inOrder = upTo(moving.length).sort((a, b) =>
    Buffer.compare(
      Buffer.from(moving[a].parameter.of.name),
      Buffer.from(moving[b].parameter.of.name),
    ),
  );
  const normOf = (counts: (index: number) => boolean) =>
    Math.sqrt(
      inOrder.filter(counts).reduce((total, i) => addSquares(densely(moving[i]), total), 0),
    ) / left;
  // A group's own clip counts its parameters; the optimizer's those of all other groups.
  const scopeOf = (i: number) => {
    const { group } = moving[i].parameter;
    return groups[group].clip ? group : -1;
  };
  const ofClip = clips.map((clip, i) => {
    if (clip?.kind === "norm") return normOf((other) => other === i);
    if (clip?.kind !== "globalNorm") return 0;
    return normOf((other) => clips[other] !== null && scopeOf(other) === scopeOf(i));
  });
  return { all: options.gradNorm ? normOf(() => true) : null, ofClip };
}

/** The gradient where it has elements, zeros elsewhere. */
function densely({ parameter: { g }, scope }: Moving): Float32Array {
  const dense = new Float32Array(g.length);
  for (const i of scope) dense[i] = g[i];
  return dense;
}

function clipStored(moving: readonly Moving[], clips: readonly (Clip | null)[]): void {
  moving.forEach(({ parameter, scope, rows }, i) => {
    const { g, p, of } = parameter;
    const clip = clips[i];
    if (clip?.kind === "value") clipByValues(g, scope, clip);
    if (clip?.kind !== "adaptive") return;
    const clipped = densely(moving[i]);
    clipUnits(clipped, p, unitsOf(of.shape, rows, g.length), clip);
    for (const element of scope) g[element] = clipped[element];
  });
}

function update(
  parameter: PlainParameter,
  scope: readonly number[],
  group: GroupCase,
  { lr, weightDecay }: { lr: number; weightDecay: number },
  gradScale: number,
): void {
  const { of } = parameter;
  parameter.t++;
  const { t } = parameter;
  const [beta1, beta2] = group.betas;
  const lrOfParameter = lr * (group.lrScale * of.lrScale);
  const root = Math.sqrt(1 - power(beta2, t));
  const all = scope.length === parameter.p.length;
  const state = all ? parameter : gather(parameter, scope);
  referenceStep(
    state,
    {
      ...{ gradScale, beta1, beta2, oneMinusBeta1: 1 - beta1, oneMinusBeta2: 1 - beta2 },
      decay: lrOfParameter * (of.decays ? weightDecay : 0),
      stepSize: (lrOfParameter * root) / (1 - power(beta1, t)),
      epsHat: group.eps * root,
    },
    { amsgrad: group.amsgrad, flush: t % 64 === 0 },
  );
  if (!all) scatter(state, parameter, scope);
}

/** A copy of some elements of every plane. */
function gather(parameter: PlainParameter, scope: readonly number[]): ReferenceState {
  const of = (plane: Float32Array) => Float32Array.from(scope, (i) => plane[i]);
  const { p, g, m, v, vmax } = parameter;
  return { p: of(p), g: of(g), m: of(m), v: of(v), ...(vmax ? { vmax: of(vmax) } : {}) };
}

function scatter(from: ReferenceState, to: ReferenceState, scope: readonly number[]): void {
  for (const plane of ["p", "m", "v", "vmax"] as const) {
    const [source, target] = [from[plane], to[plane]];
    if (source && target) for (let i = 0; i < scope.length; i++) target[scope[i]] = source[i];
  }
}

/** Makes the model copy anew; without masters the weights are what it says. Gives the overflows. */
export function narrow(
  { parameter, scope }: Pick<Moving, "parameter" | "scope">,
  { model, master }: OptionsCase["precision"],
): { parameter: string; count: number }[] {
  if (model === "float32") return [];
  const own = Float32Array.from(scope, (i) => parameter.p[i]);
  const { halves, overflowed: count } = narrowed(own, model);
  scope.forEach((element, i) => {
    parameter.model[element] = halves[i];
    if (!master) parameter.p[element] = valueOfHalf(halves[i], model);
  });
  return count > 0 ? [{ parameter: parameter.of.name, count }] : [];
}
