import { mismatch, show, wrongKind, wrongValue } from "../../errors.ts";
import {
  finiteAtLeast,
  flag,
  isPlainRecord,
  knownKeys,
  wholeNumberBetween,
} from "../../validate.ts";

/** A parameter in a heap: byte addresses of its arrays, each of `length` elements. */
export interface HeapTensor {
  /** For messages; "tensors[0]", "tensors[1]", ... by default. */
  readonly name?: string;
  /** Elements of each of its arrays. */
  readonly length: number;
  /** float32: the weights. */
  readonly param: number;
  /** float32 */
  readonly grad: number;
  /** float32, zeros at first. */
  readonly expAvg: number;
  /** float32, zeros at first. */
  readonly expAvgSq: number;
  /** float32, zeros at first. Given, the tensor is stepped with amsgrad. */
  readonly maxExpAvgSq?: number;
  /** 16 bits: a copy of the weights, written by each step in the dtype of the option `model`. */
  readonly model?: number;
  /** Multiplies lr. Default 1. */
  readonly lrScale?: number;
  /** Whether weight decay applies. Default true. */
  readonly decays?: boolean;
}

const PLANES = ["param", "grad", "expAvg", "expAvgSq", "maxExpAvgSq", "model"] as const;
type Plane = (typeof PLANES)[number];
const KEYS = ["name", "length", ...PLANES, "lrScale", "decays"];

/** A stretch of the heap that is somebody's. */
interface Stretch {
  readonly what: string;
  readonly begin: number;
  readonly end: number;
}

/** A list of the caller's as copies: what it does to them later changes nothing. */
export function readTensors(tensors: unknown): unknown[] {
  if (!Array.isArray(tensors)) throw wrongKind("tensors", "HeapAdamW", "a list", tensors);
  return Array.from(tensors, (tensor: unknown) => (isPlainRecord(tensor) ? { ...tensor } : tensor));
}

/**
 * Looks whether tensors and the table lie in the memory, aligned and apart.
 *
 * @param table the stretch of the segment table
 * @throws TypeError for a wrong kind, RangeError for a wrong address or length, naming the tensor
 */
export function checkTensors(
  tensors: readonly unknown[],
  model16: boolean,
  table: Omit<Stretch, "what">,
  memoryBytes: number,
): readonly HeapTensor[] {
  const stretches = tensors.flatMap((tensor: unknown, index) =>
    stretchesOf(tensor, `tensors[${index}]`, model16, memoryBytes),
  );
  stretches.push({ what: "the table", ...table });
  requireInside(stretches, memoryBytes);
  requireApart(stretches);
  return tensors as readonly HeapTensor[];
}

function stretchesOf(
  tensor: unknown,
  place: string,
  model16: boolean,
  memoryBytes: number,
): Stretch[] {
  if (!isPlainRecord(tensor)) throw wrongKind(place, "HeapAdamW", "an object of addresses", tensor);
  const { name, lrScale = 1, decays = true } = tensor;
  if (name !== undefined && typeof name !== "string") {
    throw wrongKind("name", place, "a string", name);
  }
  const where = name === undefined ? place : `tensor ${show(name)}`;
  knownKeys(tensor, KEYS, where);
  finiteAtLeast(lrScale, 0, "lrScale", where);
  flag(decays, "decays", where);
  const length = wholeNumberBetween(tensor.length, 0, memoryBytes, "length", where);
  const wanted = PLANES.filter((plane) => isWanted(plane, tensor, model16, where));
  return wanted.map((plane) => {
    const bytes = plane === "model" ? 2 : 4;
    const begin = wholeNumberBetween(tensor[plane], 0, memoryBytes, plane, where);
    if (begin % bytes !== 0) {
      throw wrongValue(plane, where, `an address that is a multiple of ${bytes}`, begin);
    }
    return { what: `${plane} of ${where}`, begin, end: begin + length * bytes };
  });
}

function isWanted(
  plane: Plane,
  tensor: Record<string, unknown>,
  model16: boolean,
  where: string,
): boolean {
  if (plane === "maxExpAvgSq") return tensor[plane] !== undefined;
  if (plane !== "model") return true;
  if ((tensor.model !== undefined) === model16) return model16;
  const expected = model16 ? "an address, as the option model is of 16 bits" : "none";
  throw wrongKind(plane, where, expected, tensor.model, 'Option model: "float16" or "bfloat16"');
}

function requireInside(stretches: readonly Stretch[], memoryBytes: number): void {
  for (const { what, end } of stretches) {
    if (end <= memoryBytes) continue;
    throw new RangeError(
      mismatch(what, "the memory", `an end of at most ${memoryBytes}, its bytes`, `${end}`),
    );
  }
}

function requireApart(stretches: readonly Stretch[]): void {
  const sorted = stretches.filter(({ begin, end }) => begin < end);
  sorted.sort((a, b) => a.begin - b.begin);
  sorted.forEach((stretch, i) => {
    const before = sorted[i - 1];
    if (!before || before.end <= stretch.begin) return;
    const expected = `at ${before.end} or above, where ${before.what} ends`;
    throw new RangeError(mismatch(stretch.what, "the memory", expected, `${stretch.begin}`));
  });
}
