import {
  AdamW,
  AdamWDL,
  type AdamWOptions,
  type BadGradient,
  DecoupledAdamW,
  dynamicLossScale,
  MindFormersAdamW,
  type Optimizer,
} from "../../src/index.ts";
import { realistic } from "../reference/patterns.ts";
import { narrowed } from "../reference/round-half.ts";
import { type Given, MATRIX, type WAYS } from "./ways.ts";

// What bad gradients are tried on, and which there are.

export interface SpoilCase {
  readonly way: keyof typeof WAYS;
  readonly options: AdamWOptions;
  /** Whether a dynamic loss scale, which can go no lower, skips bad steps whatever nonFinite says. */
  readonly dynamic?: boolean;
  readonly member?: "AdamW" | "AdamWDL" | "DecoupledAdamW" | "MindFormersAdamW";
}

const DYNAMIC_SCALE = 1024;

export type Dtype = "float32" | "float16" | "bfloat16";
export type Pattern = readonly [bits: number, kind: BadGradient["kind"]];

/** Quiet and signalling NaN of both signs, infinities, the least overflow and the largest. */
const BAD: Readonly<Record<Dtype, readonly Pattern[]>> = {
  float32: [
    [0x7fc00000, "nan"],
    [0x7f800001, "nan"],
    [0xffa00001, "nan"],
    [0x7f800000, "infinite"],
    [0xff800000, "infinite"],
    [0x5f000001, "overflow"],
    [0xff7fffff, "overflow"],
  ],
  float16: [
    [0x7e00, "nan"],
    [0x7c01, "nan"],
    [0xfd01, "nan"],
    [0x7c00, "infinite"],
    [0xfc00, "infinite"],
  ],
  bfloat16: [
    [0x7fc0, "nan"],
    [0x7f81, "nan"],
    [0xffa1, "nan"],
    [0x7f80, "infinite"],
    [0xff80, "infinite"],
    [0x5f01, "overflow"],
    [0xff7f, "overflow"],
  ],
};

/** What is too large is so by the loss scale; half of what is a little too large is not. */
export function patternsFor({ options, way, dynamic }: SpoilCase): Pattern[] {
  const { precision, lossScale } = options;
  const exponent = Math.log2(dynamic ? DYNAMIC_SCALE : (lossScale?.scale ?? 1));
  const bad = BAD[precision?.gradients ?? "float32"].filter(([bits]) => {
    return way !== "averaged micro-batches" || (bits !== 0x5f000001 && bits !== 0x5f01);
  });
  return bad.map(([bits, kind]) => [bits === 0x5f000001 ? bits + exponent * 2 ** 23 : bits, kind]);
}

/** The last one is long enough for threads to share every scan. */
export function shapesFor({
  threads = 1,
}: AdamWOptions): Readonly<Record<string, readonly number[]>> {
  const long = threads === 1 ? 24_579 : 270_001;
  return { none: [0], scalar: [], [MATRIX]: [300, 17], few: [5], block: [4096], long: [long] };
}

const lengthOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

export function gradientsOf(
  shapes: ReturnType<typeof shapesFor>,
  dtype: Dtype,
  seed: number,
): Given[] {
  return Object.entries(shapes).map(([name, shape], i) => {
    const float = realistic(lengthOf(shape), seed + i);
    if (dtype === "float32") {
      return { name, shape, values: float, bits: new Uint32Array(float.buffer) };
    }
    const { halves } = narrowed(float, dtype);
    return { name, shape, values: halves, bits: halves };
  });
}

export async function open({ options, member, dynamic }: SpoilCase): Promise<Optimizer> {
  const parameters = Object.entries(shapesFor(options)).map(([name, shape], i) => {
    return { name, shape, data: realistic(lengthOf(shape), i + 1) };
  });
  const { nonFinite, threads } = options;
  const few = { ...(nonFinite && { nonFinite }), ...(threads && { threads }) };
  if (member === "AdamWDL") return AdamWDL.create({ parameters, ...few });
  if (member === "DecoupledAdamW") {
    return DecoupledAdamW.create(parameters, { ...few, weightDecay: 1e-5 });
  }
  if (member === "MindFormersAdamW") return MindFormersAdamW.create(parameters, few);
  if (!dynamic) return AdamW.create(parameters, options);
  const scale = { initialScale: DYNAMIC_SCALE, minScale: DYNAMIC_SCALE };
  return AdamW.create(parameters, { ...options, lossScale: dynamicLossScale(scale) });
}

export const dtypeOf = ({ options }: SpoilCase): Dtype => options.precision?.gradients ?? "float32";
