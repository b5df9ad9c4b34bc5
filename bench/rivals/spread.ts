import { createHash } from "node:crypto";
import { AdamW, adamw } from "../../src/index.ts";
import { fillGradients, fillWeights } from "../harness/data.ts";

/** Planes of an element: weight, gradient, two moments, 4 bytes each. */
export const BYTES_PER_ELEMENT = 16;
const BLOCK = 4096;
/** Elements that are compared at either end of each run, and in each block that is looked at. */
const SAMPLE = 64;
/** Of so many blocks, one goes into the digest of a sample. */
const STRIDE = 64;
/** Steps before a model is compared and timed. */
const STEPS = 3;

export interface Spread {
  readonly optimizer: AdamW;
  readonly elements: number;
  readonly memories: number;
}

/**
 * A model of so much linear memory: one parameter of half of it, which no memory need hold, and eight
 * of a sixteenth each. Three steps are taken, and their bits compared with the functional form at both
 * ends of every run.
 */
export async function openSpread(bytes: number, slabBytes: number): Promise<Spread> {
  const sixteenth = Math.floor(bytes / BYTES_PER_ELEMENT / 16 / BLOCK) * BLOCK;
  const parameters = [8, 1, 1, 1, 1, 1, 1, 1, 1].map((parts, i) => {
    return { name: `p${i}`, shape: [parts * sixteenth] };
  });
  const options = { nonFinite: "allow", slabBytes, touchPages: true } as const;
  const optimizer = await AdamW.create(parameters, options);
  const runs = runsOf(optimizer);
  for (const { first, master, gradient } of runs) {
    fillWeights(master, first);
    fillGradients(gradient, first);
  }
  const expected = runs.map(({ length, master, gradient }) => {
    const pick = (from: Float32Array) =>
      Float32Array.of(...from.subarray(0, SAMPLE), ...from.subarray(length - SAMPLE));
    return stepped(pick(master), pick(gradient));
  });
  for (let k = 0; k < STEPS; k++) optimizer.step();
  runsOf(optimizer).forEach(({ first, length, master }, i) => {
    const got = [...master.subarray(0, SAMPLE), ...master.subarray(length - SAMPLE)];
    const wrong = got.findIndex((weight, at) => weight !== expected[i][at]);
    if (wrong < 0) return;
    throw new Error(`run from ${first}: expected ${expected[i][wrong]}, got ${got[wrong]}`);
  });
  const memories = new Set(runs.map(({ master }) => master.buffer)).size;
  return { optimizer, elements: 16 * sixteenth, memories };
}

function runsOf(optimizer: AdamW) {
  return optimizer.parameterNames.flatMap((name) => optimizer.parameter(name).parts);
}

/** What the plain form makes of some elements. */
function stepped(p: Float32Array, g: Float32Array): Float32Array {
  const [m, v] = [new Float32Array(p.length), new Float32Array(p.length)];
  for (let t = 1; t <= STEPS; t++) adamw([p], [g], [m], [v], [], [t], {});
  return p;
}

/** SHA-256 of some elements of the state, which don't depend on how parameters are spread. */
export function sampleDigest({ optimizer }: Spread): string {
  const hash = createHash("sha256");
  for (const { first, length, master, expAvg, expAvgSq } of runsOf(optimizer)) {
    const skipped = (STRIDE - ((first / BLOCK) % STRIDE)) % STRIDE;
    for (let at = skipped * BLOCK; at < length; at += STRIDE * BLOCK) {
      for (const plane of [master, expAvg, expAvgSq]) hash.update(plane.subarray(at, at + SAMPLE));
    }
  }
  return hash.digest("hex");
}
