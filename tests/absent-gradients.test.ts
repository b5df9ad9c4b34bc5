import { suite } from "uvu";
import * as assert from "uvu/assert";
import { MEMBERS } from "./absent/members.ts";
import { ABSENCES, ARRANGEMENTS, leaveOut, SHARED, withoutOthers } from "./absent/subsets.ts";

// tests/full/gradients.ts combines each of these with each other.

const test = suite("empty, scalar and absent");

const arrangements = Object.entries(ARRANGEMENTS);

for (const [i, member] of MEMBERS.entries()) {
  for (const [j, [which, arrangement]] of arrangements.entries()) {
    const absence = ABSENCES[(i + j) % ABSENCES.length];
    const max = (i + j) % 2 === 0 ? 0.5 : null;
    const clip = max === null ? "" : ", clipped";
    test(`${member.title}: ${which}, any subset ${absence}${clip}`, async () => {
      const tried = await leaveOut({ member, arrangement, absence, max, threads: 1 });
      assert.is(tried, 64);
    });
  }
}

test("what has a gradient moves as if nothing else were there", async () => {
  for (const [i, member] of MEMBERS.entries()) {
    if (member.counts === "all") continue;
    const [, arrangement] = arrangements[i];
    const max = i % 2 === 0 ? 0.5 : null;
    await withoutOthers({ member, arrangement, absence: "left out", max, threads: 1 });
  }
});

test("two threads leave the same ones alone", async () => {
  const [member] = MEMBERS;
  const shared = { member, arrangement: SHARED, threads: 2, max: 0.5 } as const;
  await leaveOut({ ...shared, absence: "left out" });
});

for (const member of MEMBERS) {
  test(`${member.title}: one parameter alone, empty or a scalar`, async () => {
    for (const shape of [[0], [0, 3], []]) {
      const data = new Float32Array(shape.length === 0 ? 1 : 0).fill(0.5);
      const groups = [{ amsgrad: false, params: [{ name: "only", shape, data }] }];
      const optimizer = await member.create(groups, 0.5, 2);
      for (let k = 1; k <= 3; k++) {
        const { step, applied } = optimizer.step({ only: data.map(() => 2 ** -k) });
        assert.equal([step, applied], [k, true]);
        assert.is(optimizer.parameter("only").step, k);
      }
      const { master } = optimizer.parameter("only");
      assert.is(master.length, data.length);
      assert.ok(master.every((p) => Number.isFinite(p) && p < 0.5));
      assert.is(optimizer.digest().length, 64);
      optimizer.dispose();
    }
  });
}

test.run();
