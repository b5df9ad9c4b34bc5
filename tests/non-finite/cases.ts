import { clipByGlobalNorm, clipByValue, staticLossScale } from "../../src/index.ts";
import { leastBytes } from "./least-bytes.ts";
import type { SpoilCase } from "./subject.ts";

const half = { model: "float16", gradients: "float16" } as const;
const brain = { model: "bfloat16", gradients: "bfloat16", master: false } as const;
const everything = {
  ...{ clip: clipByGlobalNorm(0.5), gradNorm: true, zeroGradients: true, maximize: true },
  ...{ amsgrad: true, centralize: true },
};

/** Each way, policy, dtype and layout that gradients can come in; each with 200 places. */
export const SPOIL_CASES: readonly SpoilCase[] = [
  { way: "by name", options: {} },
  { way: "by name", options: { nonFinite: "skip" } },
  { way: "by name", options: { ...everything, nonFinite: "skip" } },
  { way: "by name", options: { clip: clipByValue(0.1), slabBytes: leastBytes() } },
  { way: "in views", options: {} },
  { way: "in views", options: { nonFinite: "skip", slabBytes: leastBytes(), gradNorm: true } },
  { way: "in views of the group", options: { nonFinite: "skip", ...everything } },
  { way: "by a closure", options: {} },
  { way: "asynchronous", options: { nonFinite: "skip" } },
  { way: "measured, by name", options: { nonFinite: "skip" } },
  { way: "by name", options: { precision: half } },
  { way: "by name", options: { precision: brain, nonFinite: "skip" } },
  { way: "in views", options: { precision: half, nonFinite: "skip", gradNorm: true } },
  { way: "in views of the group", options: { precision: brain } },
  { way: "the first of two micro-batches", options: {} },
  { way: "the last of two micro-batches", options: { nonFinite: "skip", ...everything } },
  { way: "the last of two micro-batches", options: { precision: half } },
  { way: "averaged micro-batches", options: { nonFinite: "skip" } },
  { way: "averaged micro-batches", options: { slabBytes: leastBytes() } },
  { way: "rows", options: {} },
  { way: "rows", options: { lazy: true, nonFinite: "skip", clip: clipByGlobalNorm(1) } },
  { way: "rows", options: { lazy: true, precision: brain } },
  { way: "rows of a micro-batch", options: { lazy: true } },
  { way: "rows of a micro-batch", options: { nonFinite: "skip", slabBytes: leastBytes() } },
  { way: "by name", options: { lossScale: staticLossScale(1024) } },
  { way: "by name", dynamic: true, options: {} },
  { way: "in views", dynamic: true, options: { precision: half, nonFinite: "skip" } },
  { way: "averaged micro-batches", options: { lossScale: staticLossScale(65_536), ...everything } },
  { way: "by name", member: "AdamWDL", options: {} },
  { way: "by name", member: "DecoupledAdamW", options: { nonFinite: "skip" } },
  { way: "by name", member: "MindFormersAdamW", options: {} },
];

/** The same with two threads, which share every scan of views. */
export const SHARED_CASES: readonly SpoilCase[] = [
  { way: "in views", options: { threads: 2 } },
  { way: "in views", options: { threads: 2, nonFinite: "skip", ...everything } },
  { way: "asynchronous", options: { threads: 2 } },
  { way: "by name", options: { threads: 2, precision: half, nonFinite: "skip" } },
  { way: "in views", options: { threads: 2, slabBytes: leastBytes(2) } },
];

export const titleOf = ({ way, options, dynamic, member = "AdamW" }: SpoilCase): string => {
  const { slabBytes, ...rest } = options;
  const own = JSON.stringify({ ...rest, ...(slabBytes ? { slabs: "small" } : {}), dynamic });
  return `${member}, ${way}, ${own.replaceAll('"', "")}`;
};

/** Nobody looks: what becomes of one element is its own matter. */
export const ALLOW_CASES: readonly SpoilCase[] = [
  { way: "by name", options: { nonFinite: "allow" } },
  { way: "in views", options: { nonFinite: "allow", slabBytes: leastBytes(), amsgrad: true } },
  { way: "by name", options: { nonFinite: "allow", precision: brain } },
  { way: "in views", options: { nonFinite: "allow", precision: half, zeroGradients: true } },
  { way: "rows", options: { nonFinite: "allow", lazy: true } },
  { way: "in views", options: { nonFinite: "allow", threads: 2 } },
];
