import {
  FLAG_ACTIVE,
  FLAG_MODEL_BFLOAT16,
  FLAG_MODEL_FLOAT16,
  FLAG_ZERO_GRAD,
} from "../../../assembly/layout.ts";
import { wrongKind } from "../../errors.ts";
import { checkEps, readBetas } from "../../optimizers/options.ts";
import { readScheduled, type Scheduled } from "../../schedules/schedule.ts";
import { finiteAtLeast, flag, knownKeys, oneOf, optionObject } from "../../validate.ts";

/** What `HeapAdamW` takes. */
export interface HeapAdamWOptions {
  /** Address of `HeapAdamW.bytesFor(tensors.length)` bytes for the optimizer, a multiple of 8. */
  readonly at: number;
  /** A number or a schedule of the step counted from 0. Default 1e-3. */
  readonly lr?: Scheduled;
  /** As lr; multiplied by lr. Default 0.01. */
  readonly weightDecay?: Scheduled;
  /** Default [0.9, 0.999]. */
  readonly betas?: readonly [number, number];
  /** Default 1e-8. */
  readonly eps?: number;
  /** Climb instead of descend. Default false. */
  readonly maximize?: boolean;
  /** Dtype of the tensors' `model` copies. Default none. */
  readonly model?: "float16" | "bfloat16";
  /** Zero the gradients in the step's own walk. Default false. */
  readonly zeroGradients?: boolean;
  /** What a NaN, infinite or overflowing gradient leads to; "allow" does not look. Default "throw". */
  readonly nonFinite?: "throw" | "skip" | "allow";
}

/** The options after validation. */
export interface HeapSettings {
  readonly at: number;
  readonly lr: Scheduled;
  readonly weightDecay: Scheduled;
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  /** -1 for maximize. */
  readonly sign: number;
  /** Of every segment: FLAG_*. */
  readonly flags: number;
  /** Whether tensors have a 16-bit copy. */
  readonly model16: boolean;
  readonly nonFinite: "throw" | "skip" | "allow";
}

/** How messages call the options. */
export const WHERE = "the options";
const KEYS = [
  ...["at", "lr", "weightDecay", "betas", "eps", "maximize", "model"],
  ...["zeroGradients", "nonFinite"],
];

/** @throws TypeError, RangeError */
export function readHeapOptions(options: unknown): HeapSettings {
  const given = optionObject(options, "options", "HeapAdamW");
  knownKeys(given, KEYS, WHERE);
  const { at, lr = 1e-3, weightDecay = 0.01, betas = [0.9, 0.999], eps = 1e-8, model } = given;
  const { maximize = false, zeroGradients = false, nonFinite = "throw" } = given;
  const [beta1, beta2] = readBetas(betas, WHERE);
  const checkedEps = finiteAtLeast(eps, 0, "eps", WHERE);
  checkEps(checkedEps, beta2, WHERE);
  const dtype =
    model === undefined ? null : oneOf(model, ["float16", "bfloat16"] as const, "model", WHERE);
  if (!isAddress(at)) throw wrongKind("at", WHERE, "an address that is a multiple of 8", at);
  return {
    at,
    lr: readScheduled(lr, "lr", WHERE),
    weightDecay: readScheduled(weightDecay, "weightDecay", WHERE),
    beta1,
    beta2,
    eps: checkedEps,
    sign: flag(maximize, "maximize", WHERE) ? -1 : 1,
    flags:
      FLAG_ACTIVE |
      (flag(zeroGradients, "zeroGradients", WHERE) ? FLAG_ZERO_GRAD : 0) |
      (dtype === "float16" ? FLAG_MODEL_FLOAT16 : 0) |
      (dtype === "bfloat16" ? FLAG_MODEL_BFLOAT16 : 0),
    model16: dtype !== null,
    nonFinite: oneOf(nonFinite, ["throw", "skip", "allow"] as const, "nonFinite", WHERE),
  };
}

function isAddress(at: unknown): at is number {
  return Number.isSafeInteger(at) && (at as number) % 8 === 0 && (at as number) >= 0;
}
