import { suite } from "uvu";
import * as assert from "uvu/assert";
import { GOODS, runDamage, runTruncations } from "./reference/damage-run.ts";
import { judge } from "./reference/judge-damage.ts";
import { checkPlain } from "./reference/plain-checkpoint.ts";

// Damaged files; node dist/tests/full/damage.js tries many more.

const test = suite("checkpoint file: damage");

test("the files that are damaged are good ones", async () => {
  for (const original of GOODS) {
    checkPlain(original);
    assert.is(await judge({ kind: "none", bytes: original, original }, true), "loaded");
  }
});

test("a file cut short at any length is refused", async () => {
  for (const good of GOODS) {
    const { mutants, outcomes, failures } = await runTruncations(good);
    assert.equal(failures, []);
    assert.equal([...outcomes], [["TRUNCATED", mutants]]);
  }
});

test("2,000 damaged files: no crash, none slow, none loads as another than it was", async () => {
  const { outcomes, kinds, failures } = await runDamage(2000, 0x1b873593);
  assert.equal(failures, []);
  // Some damage is none: a block moved onto itself, members in another order.
  assert.ok((outcomes.get("loaded") ?? 0) < 200);
  assert.ok(outcomes.size > 20, [...outcomes.keys()].join());
  assert.ok(kinds.size > 35, `${kinds.size} kinds of damage`);
});

test("the judge notices what it is there for", async () => {
  const [good, other] = GOODS;
  const messageOf = (promise: Promise<unknown>) =>
    promise.then(
      () => "accepted",
      (error: Error) => error.message,
    );
  const swapped = { kind: "", bytes: other, original: good };
  assert.match(await messageOf(judge(swapped, true)), "loaded silently");
});

test.run();
