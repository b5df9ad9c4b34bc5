import type { ByteSink } from "../../state/bytes.ts";
import { ChunkWriter } from "../../state/checkpoint-file/chunk-writer.ts";
import type { Progress } from "../../state/progress.ts";
import { encodeHeader } from "../../state/safetensors/encode-header.ts";
import { layOut } from "../../state/safetensors/lay-out.ts";
import type { TensorDtype, TensorEntry } from "../../state/safetensors/tensor.ts";
import { CHUNK_ELEMENTS, type TensorFile } from "../tensor-file.ts";
import { ToolError } from "../tool-error.ts";
import { isFloat, type Rounded, rounder, type TargetDtype } from "./round.ts";

/** A tensor on its way: where it comes from, and as what it goes. */
interface Conversion {
  readonly name: string;
  readonly dtype: TensorDtype;
  readonly shape: readonly number[];
  readonly source: TensorEntry;
}

/** What will be written, and what was left out. */
export interface Plan {
  readonly header: Uint8Array<ArrayBuffer>;
  /** Bytes of the file in all. */
  readonly size: number;
  readonly tensors: readonly Conversion[];
  /** Names of tensors that are no weights. */
  readonly left: readonly string[];
}

/** Elements that a tensor lost to rounding. */
export interface Loss extends Pick<Rounded, "overflowed" | "vanished"> {
  readonly name: string;
}

const PARAM = "param.";

/** @param onlyWeights  whether tensors that are no floats are left out, or copied as they are */
export function planConversion(file: TensorFile, to: TargetDtype, onlyWeights: boolean): Plan {
  const ours = file.run !== null;
  const candidates = ours
    ? file.tensors.filter(({ name }) => name.startsWith(PARAM))
    : file.tensors;
  const isWanted = ({ dtype }: TensorEntry) => isFloat(dtype) || !onlyWeights;
  const wanted = candidates.filter(isWanted);
  const left = candidates.filter((tensor) => !isWanted(tensor)).map(({ name }) => name);
  const placed = place(
    wanted.map((source) => ({
      name: ours ? source.name.slice(PARAM.length) : source.name,
      dtype: isFloat(source.dtype) ? to : source.dtype,
      shape: source.shape,
      source,
    })),
  );
  // transformers loads a file only if its metadata say for which framework it is.
  const metadata = ours ? { format: "pt" } : { format: "pt", ...file.metadata };
  const header = encodeHeader(metadata, placed);
  const size = header.length + (placed.at(-1)?.end ?? 0);
  return { header, size, tensors: placed.map(({ tensor }) => tensor), left };
}

function place(tensors: readonly Conversion[]) {
  try {
    return layOut(tensors);
  } catch (error) {
    throw new ToolError(`cannot write the tensors: ${(error as Error).message}`, { cause: error });
  }
}

/** Writes a plan. Returns what was lost, for the tensors that lost something. */
export async function writeConversion(
  file: TensorFile,
  plan: Plan,
  sink: ByteSink,
  onProgress: (progress: Progress) => void,
): Promise<Loss[]> {
  const writer = new ChunkWriter(sink, plan.size, onProgress);
  const losses: Loss[] = [];
  const roundOf = rounders();
  await writer.writeWhole(plan.header);
  for (const { name, dtype, source } of plan.tensors) {
    const round = roundOf(source.dtype, dtype);
    let overflowed = 0;
    let vanished = 0;
    for await (const chunk of file.chunks(source)) {
      const rounded = round(chunk);
      overflowed += rounded.overflowed;
      vanished += rounded.vanished;
      await writer.copy(rounded.bytes, 0);
    }
    if (overflowed > 0 || vanished > 0) losses.push({ name, overflowed, vanished });
  }
  await writer.flush();
  return losses;
}

type Round = (bytes: Uint8Array) => Rounded;

/** One for all tensors of a dtype, as each has memory of its own. */
function rounders(): (from: TensorDtype, to: TensorDtype) => Round {
  const made = new Map<TensorDtype, Round>();
  return (from, to) => {
    // Bytes that stay as they are are not looked at: a NaN keeps its bits.
    if (from === to || !isFloat(from)) return (bytes) => ({ bytes, overflowed: 0, vanished: 0 });
    const round = made.get(from) ?? rounder(from, to as TargetDtype, CHUNK_ELEMENTS);
    made.set(from, round);
    return round;
  };
}
