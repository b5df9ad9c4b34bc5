import { parseFlags, path, whole } from "../common/command-line.ts";

export interface Flags {
  readonly seed: number;
  readonly steps: number;
  /** Where the figures go, if anywhere. */
  readonly json: string | undefined;
  readonly help: boolean;
}

const DEFAULTS = { seed: "1", steps: "48" } as const;

export const USAGE = `Fine-tunes a small transformer to tell spam, on TensorFlow.js.

  node dist/examples/spam-filter/main.js [options]

  --seed N      draws the labelled mails, their order and the classifier (default ${DEFAULTS.seed})
  --steps N     steps of 16 mails (default ${DEFAULTS.steps})
  --json FILE   write the figures of the run as JSON
  --help        show this`;

const OPTIONS = {
  seed: { type: "string", default: DEFAULTS.seed },
  steps: { type: "string", default: DEFAULTS.steps },
  json: { type: "string" },
  help: { type: "boolean", default: false },
} as const;

/** @throws FlagError */
export function readFlags(args: readonly string[]): Flags {
  const { seed, steps, json, help } = parseFlags(args, OPTIONS);
  return {
    json: path("json", json),
    seed: whole("seed", seed, 0, 4_294_967_295),
    steps: whole("steps", steps, 2, 10_000),
    help,
  };
}
