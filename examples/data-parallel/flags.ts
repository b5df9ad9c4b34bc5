import { FlagError, parseFlags, path, quoted, whole } from "../common/command-line.ts";
import type { Precision } from "../language-detector/flags.ts";
import { type Plan, PRECISIONS } from "./task.ts";

export interface Flags extends Plan {
  /** Where the figures go, if anywhere. */
  readonly json: string | undefined;
  readonly help: boolean;
}

export const MOST_RANKS = 64;

export const PLAN_OPTIONS = {
  seed: { type: "string", default: "1" },
  steps: { type: "string", default: "320" },
  precision: { type: "string", default: "float32" },
  json: { type: "string" },
  help: { type: "boolean", default: false },
} as const;

/** The lines that all programs have in their --help. */
export const PLAN_USAGE = `  --seed N       shuffles the training files (default 1)
  --steps N      steps of 8 files a rank (default 320)
  --precision P  float32, float16 or bfloat16: the weights in the forward and backward pass,
                 and what ranks give each other of them (default float32)
  --json FILE    write the figures of the run as JSON
  --help         show this`;

interface PlanValues {
  readonly seed: string;
  readonly steps: string;
  readonly precision: string;
  readonly json?: string | undefined;
  readonly help: boolean;
}

/** @throws FlagError */
export function readPlan({ seed, steps, precision, json, help }: PlanValues): Flags {
  if (!PRECISIONS.includes(precision)) {
    throw new FlagError(`--precision: expected ${PRECISIONS.join(", ")}, got ${quoted(precision)}`);
  }
  return {
    seed: whole("seed", seed, 0, 4_294_967_295),
    steps: whole("steps", steps, 1, 100_000),
    precision: precision as Precision,
    json: path("json", json),
    help,
  };
}

/** Flags of a program that has no others. @throws FlagError */
export const readPlanFlags = (args: readonly string[]): Flags =>
  readPlan(parseFlags(args, PLAN_OPTIONS));
