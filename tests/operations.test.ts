import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runLives } from "./operations/lives.ts";

// Steps, sparse and accumulated ones, saves, loads, growth, new rates and weights, disposals and bad
// calls in any order, beside the plain reference. tests/full/operations.ts runs 10,000 of them.

const test = suite("random lives of an optimizer");

test("after every operation the bits, counts, reports and errors are the plain reference's", async () => {
  const tally = await runLives(150, 0x5eed);
  for (const what of ["save", "load", "resume", "addParameters", "addGroup", "dispose"]) {
    assert.ok((tally.get(what) ?? 0) >= 10, what);
  }
  for (const kind of ["BUSY", "TypeError", "RangeError"]) {
    assert.ok((tally.get(`refused: ${kind}`) ?? 0) >= 10, kind);
  }
});

test("a case of its own can be run again by its seed and path", async () => {
  const tally = await runLives(1000, 2, "100");
  assert.ok([...tally.values()].reduce((sum, count) => sum + count, 0) < 60);
});

test.run();
