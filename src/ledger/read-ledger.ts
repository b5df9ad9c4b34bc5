import { printable } from "../errors.ts";
import type { ByteReader } from "../state/bytes.ts";
import { LedgerError, type LedgerRecord, MOST_LINE_BYTES } from "./format.ts";
import { readLine } from "./read-line.ts";

/**
 * The records of a ledger, one at a time and in their order: the header first. A line that broke off
 * is a record of its own (`cut`): the last one, or the one before a header of a run that was taken up
 * again. Reading stops where the caller does; the reader stays the caller's to close.
 *
 * @param reader its bytes: `openSource` of src/state/sources
 * @param name   of the ledger, for messages
 * @throws LedgerError naming the line, what was expected and what was got
 */
export async function* readLedger(
  reader: Pick<ByteReader, "read">,
  name: string,
): AsyncGenerator<LedgerRecord> {
  const order = new LineOrder(name);
  /** What was wrong with the lines before, as far as they are no JSON. */
  let broken: LedgerError[] = [];
  let line = 0;
  for await (const { bytes, whole } of readLines(reader, name)) {
    line++;
    const value = jsonOf(bytes);
    if (value === undefined) {
      const error = new LedgerError(line, `${order.where(line)}: expected JSON, got other text`);
      // Of the first line nothing says that this is a ledger.
      if (line === 1) throw error;
      if (broken.push(error) > MOST_BROKEN) throw broken[0];
      if (!whole) {
        for (const { line } of broken) yield { kind: "cut", line };
        broken = [];
      }
      continue;
    }
    const record = order.next(value, line);
    if (broken.length > 0 && record.kind !== "header") throw broken[0];
    for (const { line } of broken) yield { kind: "cut", line };
    broken = [];
    yield record;
  }
  if (broken.length > 0) throw broken[0];
  if (line > 0) return;
  throw new LedgerError(0, `${printable(name)}: expected a run ledger, got an empty file`);
}

/** Lines in a row that crashes may have left: one each time that the run was taken up again. */
const MOST_BROKEN = 1000;

/** Undefined for what is no JSON in UTF-8. */
function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

/** Which line may follow which. */
class LineOrder {
  readonly #name: string;
  #parameters: number | null = null;
  #steps = 0;
  #ended = false;

  constructor(name: string) {
    this.#name = printable(name);
  }

  where(line: number): string {
    return `line ${line} of ${this.#name}`;
  }

  next(value: unknown, line: number): LedgerRecord {
    const record = readLine(value, line, this.where(line), this.#parameters);
    const { kind } = record;
    const first = this.#parameters === null;
    if (kind === "header" && record.resumed === first) {
      const expected = first ? "the header of a new run" : "a step, or the header of a resumed run";
      throw this.#refuse(line, expected, first ? "that of a resumed one" : "that of a new one");
    }
    if (this.#ended && kind !== "header") {
      throw this.#refuse(line, "nothing after the end but the header of a resumed run", kind);
    }
    if (kind === "step" || kind === "end") {
      const steps = this.#steps + (kind === "step" && record.applied ? 1 : 0);
      if (record.step !== steps) throw this.#refuse(line, `step ${steps}`, `${record.step}`);
    }
    if (kind === "header" || kind === "parameters") this.#parameters = record.parameters.length;
    // A run may go on from a checkpoint of before the last line.
    if (kind === "header" || kind === "step") this.#steps = record.step;
    this.#ended = kind === "end";
    return record;
  }

  #refuse(line: number, expected: string, got: string): LedgerError {
    return new LedgerError(line, `${this.where(line)}: expected ${expected}, got ${got}`);
  }
}

interface Line {
  readonly bytes: Uint8Array;
  /** Whether "\n" ended it. */
  readonly whole: boolean;
}

const CHUNK_BYTES = 65_536;
const NEWLINE = 0x0a;

/** The lines of a text, each valid until the next is asked for. */
async function* readLines(reader: Pick<ByteReader, "read">, name: string): AsyncGenerator<Line> {
  const chunk = new Uint8Array(CHUNK_BYTES);
  /** What is there of the next line. */
  let held = new Uint8Array(CHUNK_BYTES);
  let length = 0;
  let line = 1;
  for (;;) {
    const count = await reader.read(chunk);
    if (count === 0) break;
    let begin = 0;
    for (;;) {
      const end = chunk.subarray(0, count).indexOf(NEWLINE, begin);
      const rest = chunk.subarray(begin, end < 0 ? count : end);
      if (length + rest.length > MOST_LINE_BYTES) {
        const where = `line ${line} of ${printable(name)}`;
        throw new LedgerError(
          line,
          `${where}: expected at most ${MOST_LINE_BYTES} bytes, got more`,
        );
      }
      if (length + rest.length > held.length) {
        const grown = new Uint8Array(2 * (length + rest.length));
        grown.set(held.subarray(0, length));
        held = grown;
      }
      held.set(rest, length);
      length += rest.length;
      if (end < 0) break;
      yield { bytes: held.subarray(0, length), whole: true };
      length = 0;
      line++;
      begin = end + 1;
    }
  }
  if (length > 0) yield { bytes: held.subarray(0, length), whole: false };
}
