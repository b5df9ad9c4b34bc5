import { suite } from "uvu";
import { HeapAdamW } from "../src/adapters/core/index.ts";
import { assertRefused } from "./reference/refused.ts";

const test = suite("HeapAdamW: what is no memory for it");

const shared = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
const CASES: [memory: unknown, got: string][] = [
  [shared, "a shared one"],
  [null, "null"],
  [undefined, "undefined"],
  [{}, "an object"],
  [4096, "4096"],
  [new Uint8Array(65_536), "Uint8Array of length 65536"],
];

for (const [memory, got] of CASES) {
  test(`refused: ${got}`, () => {
    const make = () => new HeapAdamW(memory as WebAssembly.Memory, [], { at: 0 });
    const expected = "expected a WebAssembly.Memory that is not shared";
    assertRefused(make, TypeError, `"memory" of HeapAdamW: ${expected}, got ${got}`);
  });
}

test.run();
