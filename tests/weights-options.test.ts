import { suite } from "uvu";
import * as assert from "uvu/assert";
import { weightsFrom } from "../src/state/weights/weights-from.ts";
import { memoryReader } from "./reference/byte-ends.ts";
import { rejection } from "./reference/rejection.ts";
import { ALL, FILE, IDS } from "./reference/weight-file.ts";

// Which tensors of a weight file are wanted, and what they are called.

const test = suite("weights: options");

test("selects by the name in the file, then renames", async () => {
  const seen: string[] = [];
  const { parameters, left } = await weightsFrom(memoryReader(FILE), {
    names: (name) => {
      seen.push(name);
      return name.startsWith("layer.0.");
    },
    rename: (name) => name.replace("layer.0", "encoder"),
  });
  assert.equal(seen.sort(), ALL.map(({ name }) => name).sort());
  assert.equal(Object.keys(parameters).sort(), ["encoder.b", "encoder.h", "encoder.w"]);
  assert.equal(left, []);
});

const NO_PARAMETER =
  '"dtype" of tensor "position_ids": expected F32, F16, BF16 or F64, got "I64". No parameter can hold others; leave it out by `names`';

test("refuses a tensor that no parameter can hold where `names` or `strict` wants it", async () => {
  for (const options of [
    { names: (name: string) => name !== "mask" },
    { strict: true, names: (name: string) => name === IDS.name },
  ]) {
    const error = await rejection(weightsFrom(memoryReader(FILE), options));
    assert.is(error.message, NO_PARAMETER);
    assert.is(error.constructor, RangeError);
  }
  const all = await rejection(weightsFrom(memoryReader(FILE), { strict: true }));
  assert.is(all.constructor, RangeError);
  const { left } = await weightsFrom(memoryReader(FILE), {
    names: (name) => name !== "mask",
    strict: false,
  });
  assert.equal(left, ["position_ids"]);
});

const OPTIONS: readonly (readonly [options: unknown, kind: typeof Error, message: string])[] = [
  [7, TypeError, '"options" of readWeights: expected an object of options, got 7'],
  [
    { name: 1 },
    TypeError,
    '"name" of the options of readWeights: expected one of names, rename, strict, got an unknown key',
  ],
  [
    { names: ["a"] },
    TypeError,
    '"names" of the options of readWeights: expected a function, got ["a"]',
  ],
  [
    { rename: "a" },
    TypeError,
    '"rename" of the options of readWeights: expected a function, got "a"',
  ],
  [
    { strict: 1 },
    TypeError,
    '"strict" of the options of readWeights: expected true or false, got 1',
  ],
  [
    { names: () => 1, strict: false },
    TypeError,
    '"names("layer.1.w")" of the options of readWeights: expected true or false, got 1',
  ],
  [
    { rename: () => null },
    TypeError,
    '"rename("layer.1.w")" of the options of readWeights: expected a string, got null',
  ],
  [
    { rename: () => "same", strict: false },
    RangeError,
    '"rename("empty")" of the options of readWeights: expected another name than that of "layer.1.w", got "same"',
  ],
];

for (const [options, kind, message] of OPTIONS) {
  test(`says: ${message}`, async () => {
    const error = await rejection(weightsFrom(memoryReader(FILE), options as object));
    assert.is(error.message, message);
    assert.is(error.constructor, kind);
  });
}

test.run();
