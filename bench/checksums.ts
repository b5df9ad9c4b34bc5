// What the checksums of a ledger add to a step: node dist/bench/checksums.js. The figures of
// docs/ledger.md, "What it costs", are of such a run.

import { AdamW } from "../src/index.ts";
import { machineryOf } from "../src/optimizers/optimizer.ts";

const SIZES = [65_536, 1_048_576, 16_777_216];
/** 0: no checksums. */
const STRIDES = [0, 64, 16, 1];
const ROUNDS = 40;
/** Parameters of one timing, in as many steps as that takes. */
const AT_ONCE = 8_388_608;

const median = (times: readonly number[]) =>
  times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)];

for (const size of SIZES) {
  const weights = Float32Array.from({ length: size }, (_, i) => ((i % 251) - 125) / 512);
  const optimizer = await AdamW.create({ w: weights });
  optimizer.gradient("w").set(weights.map((weight) => weight / 8 + 0.001));
  const { stepper } = machineryOf(optimizer).bound;
  const report = optimizer.newReport();
  const steps = Math.max(1, AT_ONCE / size);
  const times = new Map(STRIDES.map((stride) => [stride, [] as number[]]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [stride, taken] of times) {
      stepper.watch(stride === 0 ? null : { stepped() {} }, stride);
      const start = performance.now();
      for (let k = 0; k < steps; k++) optimizer.step(undefined, { report });
      taken.push(((performance.now() - start) * 1e6) / steps / size);
    }
  }
  const [without, ...others] = STRIDES.map((stride) => median(times.get(stride) ?? []));
  const added = others.map((time, i) => {
    const percent = (100 * (time / without - 1)).toFixed(1);
    return `stride ${STRIDES[i + 1]}: +${percent} %`;
  });
  console.log(`${size} parameters, ${without.toFixed(3)} ns each; ${added.join(", ")}`);
  optimizer.dispose();
}
