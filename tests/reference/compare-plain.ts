import * as assert from "uvu/assert";
import type { AdamW } from "../../src/index.ts";
import { differingBits } from "./bits.ts";
import type { PlainTraining } from "./plain-training.ts";

/** Compares every plane of every parameter; and the digest, unless NaN are among its bytes. */
export function comparePlain(optimizer: AdamW, plain: PlainTraining): void {
  assert.is(optimizer.steps, plain.steps);
  let finite = true;
  for (const { of, t, p, m, v, vmax, model } of plain.parameters) {
    const view = optimizer.parameter(of.name);
    assert.is(view.step, t, `t of ${of.name}`);
    for (const part of view.parts) {
      const own = (plane: Float32Array) => plane.subarray(part.first, part.first + part.length);
      const planes = { master: p, expAvg: m, expAvgSq: v, ...(vmax ? { maxExpAvgSq: vmax } : {}) };
      for (const [name, plane] of Object.entries(planes)) {
        const actual = part[name as keyof typeof planes] ?? new Float32Array(0);
        const at = differingBits(actual, own(plane));
        if (at < 0) continue;
        const [got, want] = [actual[at], own(plane)[at]];
        assert.unreachable(`${name}[${part.first + at}] of ${of.name}: ${want}, got ${got}`);
      }
      finite &&= own(p).every((x) => !Number.isNaN(x));
      if (part.model) {
        const copy = model.subarray(part.first, part.first + part.length);
        assert.ok(!finite || part.model.every((x, i) => x === copy[i]), `model of ${of.name}`);
      }
    }
  }
  if (finite) assert.is(optimizer.digest(), plain.digest());
}
