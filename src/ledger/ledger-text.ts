/** A ledger that is kept in memory: a target of `RunLedger.open`, for programs without files. */
export class LedgerText {
  #parts: string[] = [];

  /** What was written so far, as the file would have it: `flush()` of the ledger writes all. */
  get text(): string {
    if (this.#parts.length !== 1) this.#parts = [this.#parts.join("")];
    return this.#parts[0];
  }

  /** What a ledger calls. */
  append(text: string): void {
    this.#parts.push(text);
  }
}
