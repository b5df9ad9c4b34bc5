import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SHARED_CASES, SPOIL_CASES, titleOf } from "./non-finite/cases.ts";
import { LEAST_PLACES } from "./non-finite/places.ts";
import { spoilAll } from "./non-finite/spoil.ts";

// tests/full/gradients.ts tries each pattern at each of these places, and all that threads share.

const test = suite("non-finite gradients at 200 places and more");

for (const one of [...SPOIL_CASES, ...SHARED_CASES.slice(0, 2)]) {
  test(`nothing changes, and the report names the element: ${titleOf(one)}`, async () => {
    const tried = await spoilAll(one, false);
    assert.ok(tried >= LEAST_PLACES, `${tried} places`);
  });
}

test.run();
