import { suite } from "uvu";
import * as assert from "uvu/assert";
import { MindFormersAdamW } from "../src/index.ts";
import { realistic } from "./reference/patterns.ts";
import { assertRefused } from "./reference/refused.ts";

// Micro-batches as lists in the order of orderParams, as step takes its gradients.

const test = suite("MindFormersAdamW lists of gradients");

const ORDER = ["fc2", "norm", "fc1"] as const;
const weights = () => ({ norm: realistic(5, 1), fc1: realistic(5, 2), fc2: realistic(5, 3) });
const make = () => new MindFormersAdamW([{ params: weights() }, { orderParams: ORDER }]);
const gradientsAt = (k: number) => ({
  norm: realistic(5, 10 * k + 4),
  fc1: realistic(5, 10 * k + 5),
  fc2: realistic(5, 10 * k + 6),
});
const listAt = (k: number) => ORDER.map((name) => gradientsAt(k)[name]);

test("accumulate takes a list, with the bits of the same gradients by name", () => {
  for (const average of [false, true]) {
    const [byList, byName] = [make(), make()];
    for (let k = 0; k < 6; k++) {
      byList.accumulate(listAt(k), { average });
      byName.accumulate(gradientsAt(k), { average });
      if (k % 2 === 0) continue;
      assert.equal(byList.step().updated, [true, true, true]);
      byName.step();
    }
    assert.is(byList.digest(), byName.digest());
    const plain = make();
    for (let k = 0; k < 6; k++) plain.step(listAt(k));
    assert.is.not(plain.digest(), byList.digest());
  }
});

test("a list and a record may make one step together", () => {
  const [mixed, byName] = [make(), make()];
  mixed.accumulate(listAt(0));
  mixed.accumulate(gradientsAt(1));
  for (const k of [0, 1]) byName.accumulate(gradientsAt(k));
  for (const optimizer of [mixed, byName]) optimizer.step();
  assert.is(mixed.digest(), byName.digest());
});

test("null in a list is no gradient: the step then names the parameter", () => {
  const optimizer = make();
  optimizer.accumulate([listAt(0)[0], null, listAt(0)[2]]);
  const message =
    '"gradient" of parameter "norm": expected a Float32Array in every step, got none. ' +
    "MindFormersAdamW counts one step for all of its parameters";
  assertRefused(() => optimizer.step(), RangeError, message);
  optimizer.accumulate([null, listAt(0)[1], null]);
  assert.is(optimizer.step().step, 1);
});

test("lists of another length are refused by step and accumulate, and nothing changes", () => {
  const optimizer = make();
  const before = optimizer.digest();
  for (const list of [[], listAt(0).slice(1), [...listAt(0), listAt(0)[0]]]) {
    const end = `expected 3 gradients in the order of parameterNames, got ${list.length}`;
    assertRefused(() => optimizer.step(list), RangeError, `"gradients" of step: ${end}`);
    assertRefused(
      () => optimizer.accumulate(list),
      RangeError,
      `"gradients" of accumulate: ${end}`,
    );
  }
  assert.is(optimizer.digest(), before);
  optimizer.accumulate(listAt(0));
  const stepped = make();
  stepped.step(listAt(0));
  optimizer.step();
  assert.is(optimizer.digest(), stepped.digest(), "the refused lists added nothing");
});

test("a list with a wrong gradient adds none of it", () => {
  const optimizer = make();
  const wrong = [listAt(0)[0], listAt(0)[1], new Float32Array(4)];
  assertRefused(
    () => optimizer.accumulate(wrong),
    RangeError,
    '"gradient" of parameter "fc1": expected 5 elements, got 4',
  );
  optimizer.accumulate(listAt(0));
  optimizer.step();
  const stepped = make();
  stepped.step(listAt(0));
  assert.is(optimizer.digest(), stepped.digest());
});

test.run();
