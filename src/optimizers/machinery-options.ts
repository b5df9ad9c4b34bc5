import { LARGEST_SLAB_BYTES, PAGE_BYTES } from "../core/slab-layout.ts";
import { wrongKind, wrongValue } from "../errors.ts";
import { type Clip, readClip } from "../gradients/clip.ts";
import { isLossScale, type LossScale } from "../gradients/loss-scale.ts";
import type { ParameterInfo } from "../parameters/parameter.ts";
import { flag, oneOf, wholeNumberBetween } from "../validate.ts";
import { type PrecisionOptions, readPrecision } from "./precision-options.ts";
import type { NonFinitePolicy, Settings } from "./settings.ts";

/** Options of the common machinery: every member of the family takes them by these names. */
export interface MachineryOptions {
  /** Dtypes of the weights and gradients. Default float32 for all. */
  readonly precision?: PrecisionOptions;
  /** Clips all gradients that no group clips: clipByGlobalNorm(...) and its like. Default none. */
  readonly clip?: Clip;
  /** Which parameters that clip counts and clips. Default all. */
  readonly clips?: (parameter: ParameterInfo) => boolean;
  /** What the loss is multiplied by before the gradients are taken. Default none. */
  readonly lossScale?: LossScale;
  /** A row-sparse gradient moves its own rows only; their decay included. Default false. */
  readonly lazy?: boolean;
  /** Zero the gradients after each applied step. Default false. */
  readonly zeroGradients?: boolean;
  /**
   * "throw" (default): a NaN, infinite or overflowing gradient is an error and changes nothing.
   * "skip": the step is skipped and reported. "allow": gradients are not looked at; fastest.
   */
  readonly nonFinite?: NonFinitePolicy;
  /** Compute the global gradient norm for each step's report. Default false. */
  readonly gradNorm?: boolean;
  /**
   * Most bytes of one memory. Default 4 GiB, WebAssembly's limit. A slab needs about 80 KiB for
   * each plane besides its elements. Where an engine refuses a memory, it is asked for halves, down
   * to 16 MiB; the bits do not depend on it.
   */
  readonly slabBytes?: number;
  /**
   * Whether a parameter may be spread over several memories: where it is too large for one, or an
   * engine refuses such a large one. Default true.
   */
  readonly splitParameters?: boolean;
  /**
   * Threads that share the work of a step, the caller's own included: 1 to 64, or "auto". The bits do
   * not depend on it. More than one needs `create`, and in a browser a cross-origin isolated page:
   * where there is none a number is an error and "auto" one thread. For few parameters one thread
   * does all. Default 1.
   */
  readonly threads?: number | "auto";
  /**
   * Write to all memory at once, so that the first step does not wait for its pages: about 0.7 ns a
   * byte, now instead of then. Default false.
   */
  readonly touchPages?: boolean;
}

const MOST_THREADS = 64;

export const MACHINERY_KEYS = [
  "clip",
  "clips",
  "lossScale",
  "lazy",
  "zeroGradients",
  "precision",
  "nonFinite",
  "gradNorm",
  "slabBytes",
  "splitParameters",
  "threads",
  "touchPages",
] as const;
const NON_FINITE_POLICIES = ["throw", "skip", "allow"] as const;

/** Reads the options that are the same for every member of the family. */
export function readMachinery(options: Readonly<Record<string, unknown>>, where: string) {
  const { nonFinite = "throw", gradNorm = false, splitParameters = true } = options;
  const { slabBytes = LARGEST_SLAB_BYTES, clip, clips, lossScale } = options;
  const { lazy = false, zeroGradients = false, threads = 1, touchPages = false } = options;
  if (clips !== undefined && typeof clips !== "function") {
    throw wrongKind("clips", where, "a function (parameter) => boolean", clips);
  }
  if (lossScale !== undefined && !isLossScale(lossScale)) {
    throw wrongKind("lossScale", where, "staticLossScale(...) or dynamicLossScale(...)", lossScale);
  }
  return {
    clip: clip === undefined ? null : readClip(clip, "clip", where),
    clips: (clips as Settings["clips"] | undefined) ?? null,
    lossScale: lossScale ?? null,
    lazy: flag(lazy, "lazy", where),
    zeroGradients: flag(zeroGradients, "zeroGradients", where),
    ...readPrecision(options.precision),
    nonFinite: oneOf(nonFinite, NON_FINITE_POLICIES, "nonFinite", where),
    gradNorm: flag(gradNorm, "gradNorm", where),
    slabBytes: wholeNumberBetween(slabBytes, PAGE_BYTES, LARGEST_SLAB_BYTES, "slabBytes", where),
    splitParameters: flag(splitParameters, "splitParameters", where),
    threads: readThreads(threads, where),
    touchPages: flag(touchPages, "touchPages", where),
  };
}

function readThreads(threads: unknown, where: string): number | "auto" {
  if (threads === "auto") return threads;
  if (typeof threads === "string") {
    throw wrongValue("threads", where, `a number of threads, or "auto"`, threads);
  }
  return wholeNumberBetween(threads, 1, MOST_THREADS, "threads", where);
}
