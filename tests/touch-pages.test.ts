import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamW } from "../src/index.ts";
import { realistic } from "./reference/patterns.ts";

const test = suite("touchPages");

test("pages that were touched before hold the same values and give the same bits", async () => {
  const parameters = { a: realistic(9_001, 1), b: { shape: [3, 5] }, empty: { shape: [0] } };
  const digests: string[] = [];
  for (const touchPages of [false, true]) {
    const precision = { model: "float16", gradients: "bfloat16" } as const;
    const optimizer = await AdamW.create(parameters, { touchPages, slabBytes: 2 ** 20, precision });
    digests.push(optimizer.digest());
    optimizer.step({ a: realistic(9_001, 2), b: realistic(15, 3) });
    digests.push(optimizer.digest());
  }
  assert.is(digests[2], digests[0]);
  assert.is(digests[3], digests[1]);
  assert.is.not(digests[1], digests[0]);
});

test.run();
