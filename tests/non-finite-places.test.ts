import { suite } from "uvu";
import * as assert from "uvu/assert";
import { coreInfo } from "../src/index.ts";
import { allowAll } from "./non-finite/allow.ts";
import { ALLOW_CASES, SHARED_CASES, SPOIL_CASES, titleOf } from "./non-finite/cases.ts";
import { LEAST_PLACES } from "./non-finite/places.ts";
import { spoilAll } from "./non-finite/spoil.ts";

// tests/full/gradients.ts tries each pattern at each of these places, and all that threads share.

const test = suite("non-finite gradients at 200 places and more");

/** The scalar core's own part in it is the scan: every third case goes through that in its ways. */
const everyCase = coreInfo().kernel === "simd";

for (const [i, one] of [...SPOIL_CASES, ...SHARED_CASES.slice(0, 2)].entries()) {
  if (!everyCase && i % 3 !== 1) continue;
  test(`nothing changes, and the report names the element: ${titleOf(one)}`, async () => {
    const tried = await spoilAll(one, false);
    assert.ok(tried >= LEAST_PLACES, `${tried} places`);
  });
}

for (const one of ALLOW_CASES.filter(({ options }) => options.threads === undefined)) {
  test(`allowed, a bad element spoils no other: ${titleOf(one)}`, async () => {
    const tried = await allowAll(one);
    assert.ok(tried >= LEAST_PLACES, `${tried} places`);
  });
}

test.run();
