import { digestLines } from "./digest-lines.ts";

// The program that scripts/engines.mjs runs in each engine. expected.txt holds what it prints in
// Node; a changed line is a changed bit contract.

for (const line of await digestLines()) console.log(line);
