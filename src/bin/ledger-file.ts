import { type HeaderRecord, LedgerError, type LedgerRecord } from "../ledger/format.ts";
import { readLedger } from "../ledger/read-ledger.ts";
import type { ByteReader } from "../state/bytes.ts";
import { quoted } from "../state/files/file-error.ts";
import { InputFile } from "./input-file.ts";
import { ToolError } from "./tool-error.ts";

/** A record of what a run came to in the end: a header is a resumed one. */
export type RunRecord = Exclude<LedgerRecord, { readonly kind: "cut" }>;

/** How a ledger ends: as one that was closed, as one that was not, or in the middle of a line. */
export type Ending = "closed" | "open" | "cut";

/** How messages call it, after its path. */
const NAME = "the ledger";
/** What the header of a ledger begins with, and that of a safetensors file after its length. */
const BRACE = 0x7b;
const CHUNK_BYTES = 1 << 18;
/** What a resumed header begins with, after the end of a line. */
const RESUMED = '\n{"ashlar":';

/**
 * A ledger's run, record by record. Where a run was taken up again from before its last line, what
 * had been recorded after that is left out: the run took it back.
 */
export class LedgerFile {
  readonly path: string;
  readonly header: HeaderRecord;
  readonly #input: InputFile;
  readonly #records: AsyncGenerator<LedgerRecord>;
  readonly #sittings: readonly Sitting[];
  #ending: Ending = "open";
  #resumed = 0;
  #steps: number;

  private constructor(
    input: InputFile,
    header: HeaderRecord,
    records: AsyncGenerator<LedgerRecord>,
    sittings: readonly Sitting[],
  ) {
    this.path = input.path;
    this.header = header;
    this.#input = input;
    this.#records = records;
    this.#sittings = sittings;
    this.#steps = header.step;
  }

  /**
   * @param onBytes told how many bytes more are read
   * @throws ToolError for what is no ledger; errors of the system
   */
  static async open(path: string, onBytes: (count: number) => void): Promise<LedgerFile> {
    const input = await openLedger(path);
    try {
      const sittings = await guarded(path, () => readSittings(input));
      await input.seek(0);
      const records = recordsOf(input, onBytes);
      const { value } = await records.next();
      // A ledger's first record is its header, or reading it throws.
      return new LedgerFile(input, value as HeaderRecord, records, sittings);
    } catch (error) {
      await input.close();
      throw error;
    }
  }

  /** Bytes of the file; null of a pipe. */
  get size(): number | null {
    return this.#input.size;
  }

  /** Once all records are read: how it ends. */
  get ending(): Ending {
    return this.#ending;
  }

  /** Steps applied by what was read so far. */
  get steps(): number {
    return this.#steps;
  }

  /** How often the run was taken up again, in what was read so far. */
  get resumed(): number {
    return this.#resumed;
  }

  /** The next record after the header; null at the end. @throws ToolError */
  async next(): Promise<RunRecord | null> {
    for (;;) {
      const { value: record, done } = await this.#records.next();
      if (done) return null;
      if (record.kind === "cut") {
        this.#ending = "cut";
        continue;
      }
      const counts = this.#counts(record);
      if (record.kind === "header") this.#resumed++;
      if (!counts) continue;
      if (record.kind === "header") this.#take(record);
      this.#ending = record.kind === "end" ? "closed" : "open";
      if (record.kind === "step") this.#steps = record.step;
      return record;
    }
  }

  #take({ step, line }: HeaderRecord): void {
    if (step > this.#steps) {
      const missing = `steps ${this.#steps + 1} to ${step} were not recorded`;
      throw new ToolError(`cannot read ${quoted(this.path)}: line ${line}: ${missing}`);
    }
    if (step < this.#steps && this.#input.size === null) {
      const why = `it is a pipe, and line ${line} takes back steps that came before`;
      throw new ToolError(`cannot read ${quoted(this.path)}: ${why}. Give a file`);
    }
  }

  /** Whether no later sitting takes the record back. */
  #counts(record: RunRecord): boolean {
    const sitting = this.#sittings.findLast(({ line }) => line <= record.line);
    if (!sitting || sitting.limit === null) return true;
    const { limit, last } = sitting;
    switch (record.kind) {
      case "header":
        return record.step <= limit;
      case "step":
        // What was skipped right before the step that is taken back comes again.
        return record.step < limit || (record.step === limit && (record.applied || last === limit));
      case "parameters":
        return this.#steps < limit || last === limit;
      case "end":
        return false;
    }
  }

  /** Does not throw. */
  async close(): Promise<void> {
    await this.#records.return(undefined);
    await this.#input.close();
  }
}

/** The lines from one header to the next. */
interface Sitting {
  readonly line: number;
  /** Steps at its last line. */
  last: number;
  /** The fewest steps from which a later sitting goes on; null of the last one. */
  limit: number | null;
}

/** None of a pipe, which is read once, and of a run that was never taken up again. */
async function readSittings(input: InputFile): Promise<readonly Sitting[]> {
  if (input.size === null || !(await hasResumed(input))) return [];
  await input.seek(0);
  const sittings: Sitting[] = [];
  for await (const record of readLedger(input, NAME)) {
    if (record.kind === "header") {
      for (const sitting of sittings) {
        sitting.limit = Math.min(sitting.limit ?? Number.POSITIVE_INFINITY, record.step);
      }
      sittings.push({ line: record.line, last: record.step, limit: null });
    } else if (record.kind === "step") {
      (sittings.at(-1) as Sitting).last = record.step;
    }
  }
  return sittings;
}

/** Looks for another header without taking lines apart, as most ledgers have none. */
async function hasResumed(input: InputFile): Promise<boolean> {
  const chunk = new Uint8Array(CHUNK_BYTES);
  const decoder = new TextDecoder("latin1");
  let tail = "";
  for (;;) {
    const count = await input.read(chunk);
    if (count === 0) return false;
    const text = tail + decoder.decode(chunk.subarray(0, count));
    if (text.includes(RESUMED)) return true;
    tail = text.slice(-RESUMED.length);
  }
}

/** Opens a file that is not one of those that other commands are for. @throws as LedgerFile.open */
export async function openLedger(path: string): Promise<InputFile> {
  const input = await InputFile.open(path);
  if (input.size === null) return input;
  const begin = new Uint8Array(9);
  const length = await input.read(begin);
  await input.seek(0);
  if (length < 9 || begin[0] === BRACE || begin[8] !== BRACE) return input;
  await input.close();
  const why = "it is a safetensors file, not a run ledger. ashlar diff compares those";
  throw new ToolError(`cannot read ${quoted(path)}: ${why}`);
}

/**
 * All records of a ledger, what was taken back too.
 *
 * @param onBytes told how many bytes more are read
 * @throws ToolError for what is no ledger; errors of the system
 */
export async function* recordsOf(
  input: InputFile,
  onBytes: (count: number) => void,
): AsyncGenerator<LedgerRecord> {
  const records = readLedger(counted(input, onBytes), NAME);
  for (;;) {
    const { value, done } = await guarded(input.path, () => records.next());
    if (done) return;
    yield value;
  }
}

function counted(input: InputFile, onBytes: (count: number) => void): Pick<ByteReader, "read"> {
  return {
    async read(into) {
      const count = await input.read(into);
      onBytes(count);
      return count;
    },
  };
}

async function guarded<Result>(path: string, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error;
    throw new ToolError(`cannot read ${quoted(path)}: ${error.message}`, { cause: error });
  }
}
