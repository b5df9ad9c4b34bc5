import { CheckpointError, type CheckpointReason } from "../../src/state/checkpoint-error.ts";
import { openCheckpoint } from "../../src/state/checkpoint-file/read-checkpoint.ts";
import { weightsFrom } from "../../src/state/weights/weights-from.ts";
import { allocationsOf } from "./allocations.ts";
import { memoryReader } from "./byte-ends.ts";
import type { Mutant } from "./mutants.ts";
import { checkPlain, type PlainFile, type PlainTensor, readPlain } from "./plain-checkpoint.ts";

/** Longest that a small file may take, in milliseconds. */
const LIMIT = 50;
const MIB = 1_048_576;

export type Outcome = CheckpointReason | "loaded";

/**
 * Loads a file that may be bad.
 *
 * @throws Error if it makes anything but a CheckpointError, takes long, takes memory that it does
 *         not have, or loads and is not what it was
 */
export async function judge(mutant: Mutant, known: boolean): Promise<Outcome> {
  let { outcome, milliseconds } = await timed(mutant, known);
  // A collection of garbage, or another program, may have been in the way.
  for (let again = 0; milliseconds > LIMIT && again < 3; again++) {
    ({ outcome, milliseconds } = await timed(mutant, known));
  }
  if (milliseconds > LIMIT) throw new Error(`took ${milliseconds} ms`);
  await tryAsWeights(mutant.bytes, known);
  return outcome;
}

async function timed({ bytes, original }: Mutant, known: boolean) {
  const reader = memoryReader(bytes, known);
  let loaded: PlainFile | undefined;
  let error: unknown;
  const start = performance.now();
  const { largest, total } = await allocationsOf(async () => {
    try {
      loaded = await load(reader);
    } catch (caught) {
      error = caught;
    }
  });
  const milliseconds = performance.now() - start;
  const most = Math.max(bytes.length, MIB);
  if (Math.max(largest, reader.mostAsked) > most) {
    throw new Error(`a file of ${bytes.length} bytes took ${largest} at once`);
  }
  // A chunk for the header and one for the data; the header, gathered and joined; copies of tensors.
  if (total > 2 * MIB + 4 * bytes.length) throw new Error(`took ${total} bytes in all`);
  if (loaded) compare(loaded, bytes, original);
  else if (!(error instanceof CheckpointError)) throw error;
  const outcome: Outcome = loaded ? "loaded" : (error as CheckpointError).reason;
  return { outcome, milliseconds };
}

async function load(reader: ReturnType<typeof memoryReader>): Promise<PlainFile> {
  const { metadata, tensors: entries, readTensors } = await openCheckpoint(reader);
  const tensors: PlainTensor[] = [];
  const parts: Uint8Array[][] = [];
  await readTensors(() => {
    const own: Uint8Array[] = [];
    parts.push(own);
    return (chunk) => own.push(chunk.slice());
  });
  entries.forEach(({ name, dtype, shape }, i) => {
    tensors.push({ name, dtype, shape, bytes: Buffer.concat(parts[i]) });
  });
  return { metadata, tensors };
}

/** Throws unless what was loaded is what the good file holds; of one made right again, what it says. */
function compare(loaded: PlainFile, bytes: Uint8Array, original: Uint8Array | null): void {
  if (!original) checkPlain(bytes);
  const expected = describe(readPlain(original ?? bytes));
  if (describe(loaded) !== expected) throw new Error(`loaded silently: ${describe(loaded)}`);
}

function describe({ metadata, tensors }: PlainFile): string {
  const lines = tensors.map(({ name, dtype, shape, bytes }) =>
    JSON.stringify([name, dtype, shape, Buffer.from(bytes).toString("hex")]),
  );
  return `${metadata["ashlar.state"]}\n${lines.sort().join("\n")}`;
}

async function tryAsWeights(bytes: Uint8Array, known: boolean): Promise<void> {
  try {
    await weightsFrom(memoryReader(bytes, known));
  } catch (error) {
    // Random float64 values may be beyond float32.
    if (!(error instanceof CheckpointError || error instanceof RangeError)) throw error;
  }
}
