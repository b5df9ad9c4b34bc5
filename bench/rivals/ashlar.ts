import { narrow, wideningTable } from "../../examples/language-detector/half.ts";
import { sumSquares } from "../../src/gradients/reduce.ts";
import { AdamW, type AdamWOptions, adamw } from "../../src/index.ts";
import type { Contender, Entry } from "../harness/contender.ts";
import { fillGradients, fillWeights } from "../harness/data.ts";
import { CHECKED_STEPS } from "../harness/truth.ts";

/** The global norm that a clipping contender clips to: below that of all gradients here. */
export const MAX_NORM = 1;

/** Elements compared at either end of a parameter. */
const SAMPLE = 2051;

export interface AshlarPlan {
  readonly name: string;
  readonly length: number;
  readonly options?: AdamWOptions;
}

/** ashlar with one parameter whose gradient lies in its view, checked bit for bit. */
export function ashlar({ name, length, options = {} }: AshlarPlan): Entry {
  const halves = options.precision?.gradients ?? "float32";
  const bytes = length * (16 + (options.precision ? 4 : 0) + (options.amsgrad ? 4 : 0));
  const open = async (): Promise<Contender> => {
    const optimizer = await AdamW.create({ w: { shape: [length] } }, options);
    fillWeights(optimizer.parameter("w").master);
    const gradient = new Float32Array(halves === "float32" ? 0 : length);
    if (halves === "float32") fillGradients(optimizer.gradient("w"));
    else {
      fillGradients(gradient);
      narrow(new Uint32Array(gradient.buffer), halves, optimizer.gradient16("w"));
    }
    checkBits(optimizer, name, options);
    return {
      name,
      per: length,
      step: () => {
        optimizer.step();
      },
      close: () => optimizer.dispose(),
    };
  };
  return { name, bytes, mustRun: true, open };
}

/** Some elements: the first and the last. */
function pick<T extends Float32Array | Uint16Array>(from: T): T {
  const sample = from.slice(0, Math.min(from.length, 2 * SAMPLE)) as T;
  if (from.length > sample.length) sample.set(from.subarray(from.length - SAMPLE), SAMPLE);
  return sample;
}

/** Steps, and compares bits with the functional form, which is plain TypeScript. @throws Error */
function checkBits(optimizer: AdamW, name: string, options: AdamWOptions): void {
  const view = optimizer.parameter("w");
  const gradients = gradientsOf(optimizer, options);
  const p = pick(view.master);
  const [m, v, max] = [0, 1, 2].map(() => new Float32Array(p.length));
  const { amsgrad = false } = options;
  for (let t = 1; t <= CHECKED_STEPS; t++) {
    const { gradNorm } = optimizer.step();
    const factor = Math.fround(clipCoefficient(optimizer, options, gradNorm));
    // Rounded once, as the kernel's one multiplication rounds it.
    const scaled = gradients.map((g) => g * factor);
    adamw([p], [scaled], [m], [v], [max], [t], { amsgrad });
  }
  compare(name, "weights", pick(view.master), p);
  compare(name, "exp_avg", pick(view.expAvg), m);
  compare(name, "exp_avg_sq", pick(view.expAvgSq), v);
  const dtype = options.precision?.model ?? "float32";
  if (dtype === "float32" || view.model === null) return;
  const narrowed = new Uint16Array(p.length);
  narrow(new Uint32Array(p.buffer), dtype, narrowed);
  compare(name, `${dtype} copy`, pick(view.model), narrowed);
}

/** Some gradients as float32, whatever they came as. */
function gradientsOf(optimizer: AdamW, { precision }: AdamWOptions): Float32Array {
  const dtype = precision?.gradients ?? "float32";
  if (dtype === "float32") return pick(optimizer.gradient("w"));
  const table = wideningTable(dtype);
  return Float32Array.from(pick(optimizer.gradient16("w")), (bits) => table[bits]);
}

/** torch's min(1, max / (norm + 1e-6)), the norm itself checked against the sums' definition. */
function clipCoefficient(
  optimizer: AdamW,
  { clip, gradNorm }: AdamWOptions,
  reported: number | null,
): number {
  if (!clip && !gradNorm) return 1;
  const values = optimizer.gradient("w");
  const { length } = values;
  const parts = [{ first: 0, values }];
  const norm = Math.sqrt(sumSquares({ name: "w", shape: [length], length, parts }));
  if (gradNorm && reported !== norm) {
    throw new Error(`gradNorm: expected ${norm}, got ${reported}`);
  }
  return clip ? Math.min(1, MAX_NORM / (norm + 1e-6)) : 1;
}

function compare(
  name: string,
  what: string,
  got: Float32Array | Uint16Array,
  expected: Float32Array | Uint16Array,
): void {
  for (let i = 0; i < got.length; i++) {
    if (got[i] === expected[i]) continue;
    throw new Error(`${name}: expected ${what}[${i}] to be ${expected[i]}, got ${got[i]}`);
  }
}
