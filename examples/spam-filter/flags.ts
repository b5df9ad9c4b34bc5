import { parseArgs } from "node:util";

export interface Flags {
  readonly seed: number;
  readonly steps: number;
  /** Where the figures go, if anywhere. */
  readonly json: string | undefined;
  readonly help: boolean;
}

/** The command line is wrong; the message is for the user, on one line. */
export class FlagError extends Error {}

const DEFAULTS = { seed: "1", steps: "48" } as const;

export const USAGE = `Fine-tunes a small transformer to tell spam, on TensorFlow.js.

  node dist/examples/spam-filter/main.js [options]

  --seed N      draws the labelled mails, their order and the classifier (default ${DEFAULTS.seed})
  --steps N     steps of 16 mails (default ${DEFAULTS.steps})
  --json FILE   write the figures of the run as JSON
  --help        show this`;

/** @throws FlagError */
export function readFlags(args: readonly string[]): Flags {
  const { seed, steps, json, help } = parse(args);
  if (json === "") throw new FlagError("--json: expected a path, got nothing");
  return {
    seed: whole("seed", seed, 0, 4_294_967_295),
    steps: whole("steps", steps, 2, 10_000),
    json,
    help,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        seed: { type: "string", default: DEFAULTS.seed },
        steps: { type: "string", default: DEFAULTS.steps },
        json: { type: "string" },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    // Node explains at length how to pass a positional argument that starts with "-".
    const [reason] = (error as Error).message.split(/\.\s|\n/);
    throw new FlagError(reason);
  }
}

function whole(flag: string, text: string, least: number, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  const got = JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}...` : text);
  throw new FlagError(`--${flag}: expected a whole number from ${least} to ${most}, got ${got}`);
}
