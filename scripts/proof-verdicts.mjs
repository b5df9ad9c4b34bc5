// What the lines that a run of the proof printed are worth.

export const VERDICTS = /** @type {const} */ (["same", "differs", "failed", "not run"]);

/**
 * @typedef {object} Judged
 * @property {typeof VERDICTS[number]} verdict
 * @property {string} digest  the last one, or "-"
 * @property {string} [why]
 */

/**
 * Lines `STEPS DIGEST`.
 * @param {string} text
 * @returns {Map<number, string>}
 */
export function readDigests(text) {
  const lines = text.split(/\r?\n/).filter((line) => line !== "");
  return new Map(
    lines.map((line) => {
      const [, steps, digest] = /^(\d+) ([0-9a-f]{64})$/.exec(line) ?? [];
      if (digest === undefined) throw new Error(`expected STEPS DIGEST, got ${line.slice(0, 80)}`);
      return [Number(steps), digest];
    }),
  );
}

/**
 * A run has the digest of each mark up to its steps, and no other.
 * @param {string[]} lines
 * @param {{ steps: number, expected: Map<number, string>, isRequired: boolean }} options
 * @returns {Judged}
 */
export function judgeLines(lines, { steps, expected, isRequired }) {
  const [, unavailable] = /^unavailable (.*)$/.exec(lines[0] ?? "") ?? [];
  if (unavailable !== undefined) {
    return { verdict: isRequired ? "failed" : "not run", digest: "-", why: unavailable };
  }
  /** @type {Map<number, string>} */
  let got;
  try {
    got = readDigests(lines.join("\n"));
  } catch (error) {
    return { verdict: "failed", digest: "-", why: /** @type {Error} */ (error).message };
  }
  const digest = got.get(steps) ?? "-";
  const marks = new Set([...expected.keys(), ...got.keys()]);
  for (const mark of [...marks].sort((a, b) => a - b)) {
    const wanted = mark <= steps ? expected.get(mark) : undefined;
    if (got.get(mark) === wanted) continue;
    const [other, want] = [got.get(mark), wanted].map((word) => word?.slice(0, 12) ?? "none");
    return {
      verdict: "differs",
      digest,
      why: `after ${mark} steps expected ${want}, got ${other}`,
    };
  }
  return { verdict: "same", digest };
}

/**
 * Each of so many layouts has the digest: lines `NAME DIGEST`.
 * @param {string[]} lines
 * @param {number} count
 * @param {string} expected
 * @returns {Judged[]}
 */
export function judgeLayouts(lines, count, expected) {
  const rows = lines.map((line) => {
    const [, name, digest] = /^(.*) (\S+)$/.exec(line) ?? ["", line, "-"];
    /** @type {Judged} */
    const same = { verdict: "same", digest };
    if (digest === expected) return same;
    /** @type {Judged} */
    const differs = { verdict: "differs", digest, why: `${name}: ${digest.slice(0, 12)}` };
    return differs;
  });
  if (rows.length === count) return rows;
  return [...rows, { verdict: "failed", digest: "-", why: `${rows.length} of ${count} layouts` }];
}
