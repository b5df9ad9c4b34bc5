import { suite } from "uvu";
import { PLACES, runIn } from "./reference/without-threads.ts";

// Where threads cannot be had: "auto" is one thread with the same bits, a number says what is missing.

const test = suite("without threads");

for (const place of PLACES) test(place.name, () => runIn(place));

test.run();
