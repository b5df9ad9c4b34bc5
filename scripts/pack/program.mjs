// What every consumer of scripts/pack-check.mjs runs: three steps of a small AdamW, and the digest
// that they must come to everywhere.

/** docs/semantics.md fixes the bits: changes only where it does. */
export const DIGEST = "dfc479dc126139761638e6db275a64d385d1c9bc1ccd213920ca33da16afef6d";

/** Enough for a second thread to take part. */
const ELEMENTS = 300_000;

/** @param {string} entry  what the package is imported as */
const program = (entry) => `import { AdamW } from ${JSON.stringify(entry)};

export async function digestOf(options) {
  const weight = Float32Array.from({ length: ${ELEMENTS} }, (_, i) => (i % 251) / 256 - 0.5);
  const optimizer = await AdamW.create({ weight }, { lr: 0.01, weightDecay: 0.1, ...options });
  for (let step = 1; step <= 3; step++) {
    const gradient = optimizer.gradient("weight");
    for (let i = 0; i < gradient.length; i++) gradient[i] = ((i * step) % 239) / 128 - 1;
    optimizer.step();
  }
  const digest = optimizer.digest();
  optimizer.dispose();
  return digest;
}
`;

/** Prints the digest where there is no page; posts it where there is one. */
const MAIN = `import { digestOf } from "./program.js";

const { location } = globalThis;
const threads = Number(new URLSearchParams(location?.search).get("threads") ?? 1);
const report = await digestOf({ threads }).then(
  (digest) => ({ digest }),
  (error) => ({ error: String(error) }),
);
if (location) await fetch("/report", { method: "POST", body: JSON.stringify(report) });
else console.log(JSON.stringify(report));
`;

/** The files of a consumer's project. */
export const PROGRAM = { "program.js": program("ashlar"), "main.js": MAIN };

/**
 * Says that a report is the right one, or throws what is wrong with it.
 * @param {unknown} report  as main.js makes it, or its JSON
 */
export function checkReport(report) {
  const { digest, error } = typeof report === "string" ? parse(report) : Object(report);
  if (error !== undefined) throw new Error(error);
  if (digest !== DIGEST) throw new Error(`digest: expected ${DIGEST}, got ${digest}`);
  return `digest ${DIGEST.slice(0, 12)}`;
}

/** @param {string} text */
function parse(text) {
  const last = text.trim().split("\n").at(-1) ?? "";
  try {
    return Object(JSON.parse(last));
  } catch {
    throw new Error(`expected a report, got "${last.slice(0, 200)}"`);
  }
}
