import { suite } from "uvu";
import { AdamW, AshlarError } from "../src/index.ts";
import { assertRefused } from "./reference/refused.ts";
import { PLACES, runIn } from "./reference/without-threads.ts";

// Where threads cannot be had: "auto" is one thread with the same bits, a number says what is missing.

const test = suite("without threads");

test("a constructor cannot wait for workers", async () => {
  // In a process where nothing has loaded the threads.
  assertRefused(
    () => new AdamW({ w: new Float32Array(4) }, { threads: 2 }),
    AshlarError,
    '"threads" of the options: expected 1 in a constructor, got 2. Use await create(...), which starts ' +
      "the workers",
  );
});

for (const place of PLACES) test(place.name, () => runIn(place));

test.run();
