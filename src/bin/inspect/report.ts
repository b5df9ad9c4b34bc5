import { checkTensors } from "../../optimizers/checkpoint/check-tensors.ts";
import { type Part, parseState, partOf } from "../../optimizers/checkpoint/read-saved-state.ts";
import { readIndexState } from "../../sharded/checkpoint/saved-shards.ts";
import { type CheckpointError, problemOf } from "../../state/checkpoint-error.ts";
import { KEYS } from "../../state/checkpoint-file/metadata.ts";
import { type FileInspection, inspectFile } from "../../state/inspect/inspect-file.ts";
import type { InspectedTensor } from "../../state/inspect/inspect-tensors.ts";
import type { Progress } from "../../state/progress.ts";
import type { InputFile } from "../input-file.ts";
import { readRun, type SavedRun, splitName, TENSOR_KINDS } from "../saved-run.ts";

/** All that `ashlar inspect` says: the JSON as it is, of which the text shows the most. */
export interface InspectReport {
  readonly file: string;
  /** Bytes of the file; null where it is a pipe that is damaged. */
  readonly bytes: number | null;
  readonly headerBytes: number | null;
  /** null for what is no safetensors file, or one whose header cannot be read. */
  readonly kind: "checkpoint" | "safetensors" | null;
  /** What of a sharded checkpoint it is; null for a whole one, and for others. */
  readonly part: Part;
  readonly sound: boolean;
  readonly problems: readonly { readonly reason: string; readonly message: string }[];
  /** Without what a checkpoint's other fields hold. */
  readonly metadata: Readonly<Record<string, string>>;
  /** The optimizer's state but for its tensors; null where there is none that can be read. */
  readonly checkpoint: ({ readonly version: string } & SavedRun) | null;
  readonly tensors: readonly TensorReport[];
}

export interface TensorReport {
  readonly name: string;
  /** The parameter that it is of, and as what; null where the file does not say. */
  readonly parameter: string | null;
  readonly kind: string | null;
  /** Updates that the parameter had. */
  readonly step: number | null;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly elements: number;
  readonly bytes: number;
  /** Norm, minimum and maximum are of the finite elements. */
  readonly norm: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly nonFinite: number | null;
  /** CRC-32 of the bytes in the file. */
  readonly crc32: string | null;
  readonly state: TensorState;
}

/** What is known of a tensor's bytes. */
export type TensorState =
  | "ok" // its CRC is right
  | "wrong" // its CRC is another
  | "cut off" // the file ends within it
  | "missing" // the file ends before it
  | "unchecked"; // the file has no CRC for it

const OWN: readonly string[] = Object.values(KEYS);

export async function report(
  input: InputFile,
  onProgress: (progress: Progress) => void,
): Promise<InspectReport> {
  const inspection = await inspectFile(input, onProgress);
  const problems = [...inspection.problems];
  const { part, run } = runOf(inspection, problems);
  const { size, header, isCheckpoint } = inspection;
  const metadata = Object.entries(header?.metadata ?? {});
  const { [KEYS.version]: version = "?" } = header?.metadata ?? {};
  return {
    file: input.path,
    bytes: size ?? (header && problems.length === 0 ? header.fileSize : null),
    headerBytes: header?.dataBegin ?? null,
    kind: header && (isCheckpoint ? "checkpoint" : "safetensors"),
    part,
    sound: problems.length === 0,
    problems: problems.map(({ reason, message }) => ({ reason, message })),
    metadata: Object.fromEntries(metadata.filter(([key]) => !isCheckpoint || !OWN.includes(key))),
    checkpoint: run && { version, ...run },
    tensors: tensorReports(inspection.tensors, run),
  };
}

function runOf({ state, header }: FileInspection, problems: CheckpointError[]) {
  const found: { part: Part; run: SavedRun | null } = { part: null, run: null };
  if (state === null || header === null) return found;
  try {
    found.part = partOf(parseState(state));
    if (found.part === null) {
      found.run = readRun(state);
      checkTensors(found.run, header.tensors);
    } else if (found.part === "index") {
      // Its tensors are those of its shards.
      found.run = readRun(JSON.stringify(readIndexState(state).saved));
    }
  } catch (error) {
    problems.push(problemOf(error));
  }
  return found;
}

/** In the order of the parameters and of their tensors; else as in the file. */
function tensorReports(tensors: readonly InspectedTensor[], run: SavedRun | null): TensorReport[] {
  const parameters = new Map(
    run?.parameters.map(({ name, step }, index) => [name, { step, index }]),
  );
  const place = (tensor: InspectedTensor) => {
    const { kind, parameter } = splitName(tensor.name);
    const owner = parameters.get(parameter);
    const rank = (TENSOR_KINDS as readonly string[]).indexOf(kind);
    return owner && rank >= 0 ? { kind, parameter, rank, ...owner } : null;
  };
  return tensors
    .map((tensor) => ({ tensor, of: place(tensor) }))
    .sort((a, b) => {
      if (!a.of || !b.of) return Number(!a.of) - Number(!b.of);
      return a.of.index - b.of.index || a.of.rank - b.of.rank;
    })
    .map(({ tensor, of }) => tensorReport(tensor, of));
}

function tensorReport(
  tensor: InspectedTensor,
  of: { kind: string; parameter: string; step: number } | null,
): TensorReport {
  const { name, dtype, shape, elements, begin, end, statistics, crc } = tensor;
  return {
    name,
    parameter: of?.parameter ?? null,
    kind: of?.kind ?? null,
    step: of?.step ?? null,
    dtype,
    shape,
    elements,
    bytes: end - begin,
    norm: statistics?.norm ?? null,
    min: statistics?.min ?? null,
    max: statistics?.max ?? null,
    nonFinite: statistics?.nonFinite ?? null,
    crc32: crc,
    state: stateOf(tensor),
  };
}

function stateOf({ problem, crc, expectedCrc, read }: InspectedTensor): TensorState {
  if (problem) return "wrong";
  if (crc === null) return read > 0 ? "cut off" : "missing";
  return expectedCrc === null ? "unchecked" : "ok";
}
