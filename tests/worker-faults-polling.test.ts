import { suite } from "uvu";
import * as assert from "uvu/assert";
import { OP_SCAN, OP_STEP } from "../assembly/layout.ts";
import type { Death } from "./reference/dying-workers.ts";
import { NO_FAULT } from "./reference/faults.ts";

// Where the caller may not wait for shared memory, as on a browser's main thread, it polls; and where
// it cannot await a change of it, it looks again and again. It gives up in time there too.

Object.assign(Atomics, {
  wait() {
    throw new TypeError("Atomics.wait cannot be called in this context");
  },
  waitAsync: undefined,
});
// Only now: the package finds out what it may do when it is loaded.
const { dyingCase, runDyingCase } = await import("./reference/dying-workers.ts");
const { FaultyTeam } = await import("./reference/faulty-team.ts");

const test = suite("worker faults without waiting");
const team = new FaultyTeam();

test.after(async () => {
  assert.is(await team.orphans(), 0);
});

const CASES: readonly [Death, isAsync: boolean, op: number, isAtOnce: boolean][] = [
  ["throw", false, OP_SCAN, true],
  ["trap", true, OP_STEP, true],
  ["spin", false, OP_STEP, false],
  ["wait", true, OP_SCAN, false],
];

for (const [index, [death, isAsync, op, isAtOnce]] of CASES.entries()) {
  test(`${death}, ${isAsync ? "async" : "sync"}`, async () => {
    const fault = { ...NO_FAULT, kind: death as "spin", op, skip: 1 };
    const random = dyingCase(0x2545f491, index);
    const { end, ms } = await runDyingCase({ ...random, death, isAsync, fault }, team);
    assert.is(end, op === OP_STEP ? "poisoned" : "kept");
    assert.ok(isAtOnce ? ms < 1000 : ms >= 1400, `${ms} ms`);
  });
}

test("a step without faults has the same bits", async () => {
  const { end } = await runDyingCase({ ...dyingCase(1, 1), death: "wait", fault: NO_FAULT }, team);
  assert.is(end, "done");
});

test.run();
