import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamW } from "../src/index.ts";
import { rejection } from "./reference/rejection.ts";

const test = suite("stepAsync");

test("a step that is refused rejects, changes nothing, and another may follow", async () => {
  const optimizer = await AdamW.create({ w: Float32Array.of(1, 2) });
  const before = optimizer.digest();
  const gradient = optimizer.gradient("w");
  const error = await rejection(optimizer.stepAsync(() => gradient.fill(Number.NaN)));
  assert.is((error as { code?: string }).code, "NON_FINITE");
  assert.is(optimizer.digest(), before);
  assert.is(optimizer.steps, 0);
  const { step } = await optimizer.stepAsync(() => gradient.fill(0.5));
  assert.is(step, 1);
});

test("a closure that is no function is refused", async () => {
  const optimizer = await AdamW.create({ w: Float32Array.of(1) });
  const error = await rejection(optimizer.stepAsync(new Float32Array(4) as never));
  assert.instance(error, TypeError);
  const expected = "expected a function, got Float32Array of length 4";
  assert.is((error as Error).message, `"closure" of stepAsync: ${expected}`);
});

test.run();
