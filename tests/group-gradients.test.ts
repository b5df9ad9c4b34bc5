import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamW } from "../src/index.ts";
import { realistic } from "./reference/patterns.ts";

const test = suite("group gradients");

const LENGTHS = { a: 17, b: 5000, c: 1, d: 0, e: 9000 };
const groups = () =>
  [
    ["body", ["a", "b", "c"]],
    ["head", ["d", "e"]],
  ].map(([name, names]) => ({
    name: name as string,
    params: Object.fromEntries(
      (names as string[]).map((each) => [
        each,
        realistic(LENGTHS[each as keyof typeof LENGTHS], 3),
      ]),
    ),
  }));

for (const slabBytes of [2 ** 20, 2 ** 32]) {
  test(`what is written through them moves the parameters: memories of ${slabBytes} bytes`, async () => {
    const large = realistic(60_000, 4);
    const all = () => [
      ...groups(),
      { name: "large", params: { large: large.slice() }, amsgrad: true },
    ];
    const byView = await AdamW.create(all(), { slabBytes });
    const byName = await AdamW.create(all(), { slabBytes });
    const gradients: Record<string, Float32Array> = { large: realistic(60_000, 9) };
    for (const [name, length] of Object.entries(LENGTHS)) gradients[name] = realistic(length, 8);
    const seen: Record<string, number> = {};
    for (const { name } of byView.groups) {
      const views = byView.groupGradients(name);
      assert.ok(name !== "large" || views.length === (slabBytes === 2 ** 20 ? 2 : 1));
      for (const { gradient, gradient16, runs } of views) {
        assert.is(gradient16, null);
        const last = runs[runs.length - 1];
        assert.is(gradient.length, last.offset + last.length);
        gradient.fill(Number.NaN);
        for (const { name: parameter, offset, first, length } of runs) {
          gradient.set(gradients[parameter].subarray(first, first + length), offset);
          seen[parameter] = (seen[parameter] ?? 0) + length;
        }
      }
    }
    assert.equal(seen, { a: 17, b: 5000, c: 1, e: 9000, large: 60_000 });
    byView.step();
    byName.step(gradients);
    assert.is(byView.digest(), byName.digest());
  });
}

test("16-bit gradients have views too", async () => {
  const optimizer = await AdamW.create(groups(), { precision: { gradients: "bfloat16" } });
  const [{ gradient16, runs }] = optimizer.groupGradients("body");
  for (const { offset, length } of runs) gradient16?.fill(0x3f80, offset, offset + length);
  assert.ok(optimizer.gradient16("b").every((bits) => bits === 0x3f80));
  optimizer.step();
  assert.is(optimizer.steps, 1);
});

test("an unknown group is named", async () => {
  const optimizer = await AdamW.create(groups());
  assert.throws(
    () => optimizer.groupGradients("tail"),
    /^"group" of groupGradients: expected the name of one, got "tail"$/,
  );
});

test.run();
