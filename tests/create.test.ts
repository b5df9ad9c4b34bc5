import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamW, DecoupledAdamW, MindFormersAdamW } from "../src/index.ts";
import { rejection } from "./reference/rejection.ts";

const test = suite("create");

for (const Class of [AdamW, DecoupledAdamW, MindFormersAdamW]) {
  test(`${Class.name}: what is no object of options is refused as by the constructor`, async () => {
    const parameters = { w: { shape: [1] } };
    for (const options of [null, 3, "lr"] as never[]) {
      const error = (await rejection(Class.create(parameters, options))) as Error;
      let made: unknown;
      try {
        new Class(parameters, options);
      } catch (cause) {
        made = cause;
      }
      assert.instance(error, TypeError);
      assert.match(
        error.message,
        `"options" of ${Class.name}: expected an object of options, got `,
      );
      assert.is(error.message, (made as Error).message);
    }
  });
}

test.run();
