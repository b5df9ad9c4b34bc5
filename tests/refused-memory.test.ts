import { suite } from "uvu";
import * as assert from "uvu/assert";
import { MEMORY_CASES } from "./reference/memory-cases.ts";
import { refuseEach } from "./reference/memory-refusals.ts";

const test = suite("refused memory");

for (const each of MEMORY_CASES) {
  test(`every allocation refused in turn: ${each.title}`, async () => {
    const refused = await refuseEach(each);
    assert.ok(refused > 0, "it makes some");
  });
}

test.run();
