import { FlagError, parseFlags, path, quoted, whole } from "../common/command-line.ts";

export type Precision = "float32" | "float16" | "bfloat16";

export interface Flags {
  readonly seed: number;
  readonly steps: number;
  readonly precision: Precision;
  readonly layerDecay: number;
  /** Where the figures go, if anywhere. */
  readonly json: string | undefined;
  /** Where the weights go. */
  readonly out: string;
  readonly help: boolean;
}

const DEFAULTS = {
  seed: "1",
  steps: "320",
  precision: "float32",
  "layer-decay": "0.8",
  out: "out/language-detector.safetensors",
} as const;

const PRECISIONS: readonly string[] = ["float32", "float16", "bfloat16"];

export const USAGE = `Teaches VS Code's language detector three languages that it doesn't know.

  node dist/examples/language-detector/main.js [options]

  --seed N          shuffles the training files (default ${DEFAULTS.seed})
  --steps N         steps of 32 files (default ${DEFAULTS.steps})
  --precision P     float32, float16 or bfloat16: the model's weights in the forward and
                    backward pass; master weights stay float32 (default ${DEFAULTS.precision})
  --layer-decay R   learning rate of a layer by that of the layer above it, above 0 to 1
                    (default ${DEFAULTS["layer-decay"]}; 1 for one rate)
  --json FILE       write the figures of the run as JSON
  --out FILE        where the trained weights go (default ${DEFAULTS.out})
  --help            show this`;

const OPTIONS = {
  seed: { type: "string", default: DEFAULTS.seed },
  steps: { type: "string", default: DEFAULTS.steps },
  precision: { type: "string", default: DEFAULTS.precision },
  "layer-decay": { type: "string", default: DEFAULTS["layer-decay"] },
  json: { type: "string" },
  out: { type: "string", default: DEFAULTS.out },
  help: { type: "boolean", default: false },
} as const;

/** @throws FlagError */
export function readFlags(args: readonly string[]): Flags {
  const values = parseFlags(args, OPTIONS);
  if (!PRECISIONS.includes(values.precision)) {
    throw new FlagError(
      `--precision: expected ${PRECISIONS.join(", ")}, got ${quoted(values.precision)}`,
    );
  }
  return {
    seed: whole("seed", values.seed, 0, 4_294_967_295),
    steps: whole("steps", values.steps, 1, 100_000),
    precision: values.precision as Precision,
    layerDecay: rate("layer-decay", values["layer-decay"]),
    json: path("json", values.json),
    out: path("out", values.out),
    help: values.help,
  };
}

function rate(flag: string, text: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (value > 0 && value <= 1) return value;
  throw new FlagError(`--${flag}: expected a number above 0, to 1, got ${quoted(text)}`);
}
