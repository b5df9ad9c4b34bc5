import {
  Comparison,
  comparable,
  sameBytes,
  type TensorDifference,
} from "../../state/inspect/compare-tensors.ts";
import { elementsOf } from "../../state/inspect/elements.ts";
import type { Progress } from "../../state/progress.ts";
import type { TensorEntry } from "../../state/safetensors/tensor.ts";
import { splitName, TENSOR_KINDS } from "../saved-run.ts";
import type { TensorFile } from "../tensor-file.ts";
import { type Difference, metadataDifferences, stateDifferences } from "./state-differences.ts";

/** All that `ashlar diff` says: the JSON as it is, of which the text shows the most. */
export interface DiffReport {
  readonly a: DiffedFile;
  readonly b: DiffedFile;
  readonly same: boolean;
  /** "weights" where only one is a checkpoint: its parameters beside the other's tensors. */
  readonly compared: "all" | "weights";
  readonly state: readonly Difference[];
  readonly onlyInA: readonly string[];
  readonly onlyInB: readonly string[];
  /** Those in both files; of checkpoints the weights first. */
  readonly tensors: readonly ComparedTensor[];
}

export interface DiffedFile {
  readonly file: string;
  readonly kind: "checkpoint" | "safetensors";
  readonly class: string | null;
  readonly steps: number | null;
}

type Layout = Pick<TensorEntry, "dtype" | "shape">;

export interface ComparedTensor {
  readonly name: string;
  readonly a: Layout;
  readonly b: Layout;
  /** Same dtype, shape and bits. */
  readonly equal: boolean;
  /** Elements of A's. */
  readonly elements: number;
  /** How the values differ; null where they cannot be compared one by one. */
  readonly values: (TensorDifference & { readonly at: readonly number[] | null }) | null;
}

/** @throws ToolError for a damaged file; errors of the system */
export async function report(
  a: TensorFile,
  b: TensorFile,
  onProgress: (progress: Progress) => void,
): Promise<DiffReport> {
  const compared = (a.run === null) === (b.run === null) ? "all" : "weights";
  const tensorsA = byName(a, compared);
  const tensorsB = byName(b, compared);
  const both = [...tensorsA].flatMap(([name, entry]) => {
    const other = tensorsB.get(name);
    return other ? [{ name, entry, other }] : [];
  });
  const total = both.reduce((sum, { entry }) => sum + entry.end - entry.begin, 0);
  let bytes = 0;
  const tensors: ComparedTensor[] = [];
  for (const { name, entry, other } of both) {
    const advance = (count: number) => {
      bytes += count;
      onProgress({ bytes, total });
    };
    tensors.push(await compare(name, [a, entry], [b, other], advance));
  }
  // Read in the order of the file; weights come first for people.
  tensors.sort((x, y) => rankOf(x.name) - rankOf(y.name));
  const state = compared === "all" ? saidDifferently(a, b) : [];
  const onlyInA = [...tensorsA.keys()].filter((name) => !tensorsB.has(name));
  const onlyInB = [...tensorsB.keys()].filter((name) => !tensorsA.has(name));
  const same =
    [state, onlyInA, onlyInB].every(({ length }) => length === 0) &&
    tensors.every(({ equal }) => equal);
  return { a: fileOf(a), b: fileOf(b), same, compared, state, onlyInA, onlyInB, tensors };
}

const PARAM = "param.";

function rankOf(name: string): number {
  return (TENSOR_KINDS as readonly string[]).indexOf(splitName(name).kind);
}

function byName({ tensors, run }: TensorFile, compared: "all" | "weights") {
  const wanted =
    run && compared === "weights" ? tensors.filter(({ name }) => name.startsWith(PARAM)) : tensors;
  const length = wanted === tensors ? 0 : PARAM.length;
  return new Map(wanted.map((tensor) => [tensor.name.slice(length), tensor]));
}

function saidDifferently(a: TensorFile, b: TensorFile): Difference[] {
  if (a.run && b.run) return stateDifferences(a.run, b.run);
  return metadataDifferences(a.metadata, b.metadata);
}

function fileOf({ path, run }: TensorFile): DiffedFile {
  return {
    file: path,
    kind: run ? "checkpoint" : "safetensors",
    class: run?.class ?? null,
    steps: run?.steps ?? null,
  };
}

type Side = readonly [file: TensorFile, entry: TensorEntry];

async function compare(
  name: string,
  [fileA, a]: Side,
  [fileB, b]: Side,
  advance: (count: number) => void,
): Promise<ComparedTensor> {
  const elements = elementsOf(a.shape);
  const sameLayout = a.dtype === b.dtype && sameShape(a.shape, b.shape);
  const layouts = { a: layoutOf(a), b: layoutOf(b) };
  const isPaired = elements === elementsOf(b.shape);
  const numbers =
    isPaired && comparable(a.dtype, b.dtype) ? new Comparison(a.dtype, b.dtype) : null;
  let sameBits = sameLayout;
  if (numbers || sameLayout) {
    const chunksB = fileB.chunks(b);
    for await (const chunkA of fileA.chunks(a)) {
      const { value: chunkB } = await chunksB.next();
      // As many elements, in chunks of as many.
      const other = chunkB as Uint8Array;
      if (numbers) numbers.add(chunkA, other);
      else sameBits &&= sameBytes(chunkA, other, 0, chunkA.length);
      advance(chunkA.length);
    }
    // Past the end, where its CRC is checked.
    await chunksB.next();
  }
  const found = numbers?.result();
  return {
    name,
    ...layouts,
    equal: sameLayout && sameBits && !found?.differing,
    elements,
    values: found ? { ...found, at: found.first && placeOf(found.first.index, a.shape) } : null,
  };
}

const layoutOf = ({ dtype, shape }: TensorEntry): Layout => ({ dtype, shape });

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}

/** An element's index for each axis. */
function placeOf(index: number, shape: readonly number[]): number[] {
  let rest = index;
  return shape
    .toReversed()
    .map((size) => {
      const at = rest % size;
      rest = Math.floor(rest / size);
      return at;
    })
    .reverse();
}
