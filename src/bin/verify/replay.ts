import type { EndRecord, LedgerRecord } from "../../ledger/format.ts";
import { LedgerText } from "../../ledger/ledger-text.ts";
import { readLine } from "../../ledger/read-line.ts";
import { RunLedger } from "../../ledger/run-ledger.ts";
import type { Optimizer } from "../../optimizers/optimizer.ts";

/** A run that is run again, which records itself as the first one did. */
export class Replay {
  readonly optimizer: Optimizer;
  readonly #ledger: RunLedger;
  readonly #lines: LastLines;
  #count: number | null = null;
  #end: EndRecord | null = null;

  private constructor(optimizer: Optimizer, ledger: RunLedger, lines: LastLines) {
    this.optimizer = optimizer;
    this.#ledger = ledger;
    this.#lines = lines;
  }

  static async open(optimizer: Optimizer, stride: number): Promise<Replay> {
    const lines = new LastLines();
    return new Replay(optimizer, await RunLedger.open(lines, optimizer, { stride }), lines);
  }

  /** What was recorded since it was last asked. */
  async records(): Promise<LedgerRecord[]> {
    await this.#ledger.flush();
    return this.#read();
  }

  /** Its last line; no step can follow. */
  async end(): Promise<EndRecord> {
    await this.#ledger.close();
    this.#end ??= this.#read().at(-1) as EndRecord;
    return this.#end;
  }

  #read(): LedgerRecord[] {
    return this.#lines.take().map((line) => {
      const record = readLine(JSON.parse(line), 0, "the replay", this.#count);
      if ("parameters" in record) this.#count = record.parameters.length;
      return record;
    });
  }
}

/** Keeps only what was not taken yet. */
class LastLines extends LedgerText {
  #text = "";

  override append(text: string): void {
    this.#text += text;
  }

  take(): string[] {
    const lines = this.#text.split("\n").slice(0, -1);
    this.#text = "";
    return lines;
  }
}
