// What passed, what failed, and what could not be run: nothing is passed over in silence.

/** @typedef {"passed" | "failed" | "not run"} Verdict */

export class Tally {
  /** @type {Record<Verdict, number>} */
  counts = { passed: 0, failed: 0, "not run": 0 };

  /** @param {string} what @param {string} reason */
  notRun(what, reason) {
    this.counts["not run"]++;
    console.log(`not run: ${what}: ${reason}`);
  }

  /** @param {string} what @param {string} reason */
  failed(what, reason) {
    this.counts.failed++;
    console.log(`failed: ${what}: ${reason.replace(/\s*\n\s*/g, " ").slice(0, 1000)}`);
  }

  /**
   * Counts a check. @param {string} what @param {unknown} got @param {unknown} expected
   * @returns {boolean} whether they are the same
   */
  same(what, got, expected) {
    const isSame = Object.is(got, expected);
    if (isSame) this.counts.passed++;
    else this.failed(what, `expected ${expected}, got ${got}`);
    return isSame;
  }

  /** @param {string} what @param {boolean} holds @param {string} [reason] */
  holds(what, holds, reason = "it does not hold") {
    if (holds) this.counts.passed++;
    else this.failed(what, reason);
  }

  /** @param {string} what @param {() => Promise<void>} work */
  async attempt(what, work) {
    try {
      await work();
    } catch (error) {
      this.failed(what, /** @type {Error} */ (error).message);
    }
  }

  toString() {
    const { passed, failed, "not run": missed } = this.counts;
    return `${passed} passed, ${failed} failed${missed > 0 ? `, ${missed} not run` : ""}`;
  }
}

/** A line of a table. @param {readonly string[]} cells @param {readonly number[]} widths */
export const line = (cells, widths) =>
  cells
    .map((cell, i) => cell.padEnd(widths[i] ?? 0))
    .join("  ")
    .trimEnd();
