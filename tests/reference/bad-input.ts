import * as assert from "uvu/assert";
import { AdamW } from "../../src/index.ts";
import { assertRefused, type ErrorClass } from "./refused.ts";

// biome-ignore lint/suspicious/noExplicitAny: these are the calls that the types forbid
export type Wrong = any;

export const w = () => ({ w: new Float32Array(4) });
export const withOptions = (options: Wrong) => () => new AdamW(w(), options);
export const withGroup = (group: Wrong) => () => new AdamW([{ params: w(), ...group }]);
export const withParameters = (parameters: Wrong) => () => new AdamW(parameters);

/** A refused call on a living optimizer: why it is wrong, the call, and what it must throw. */
export type RefusedCall = [
  why: string,
  act: (optimizer: AdamW) => unknown,
  error: ErrorClass,
  message: string,
];

/** Throws unless `act` is refused in these words before any memory is asked for. */
export function assertNothingAllocated(
  act: () => unknown,
  kind: ErrorClass,
  message: string,
): void {
  const { Memory } = WebAssembly;
  let memories = 0;
  WebAssembly.Memory = class extends Memory {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      super(descriptor);
      memories++;
    }
  };
  try {
    assertRefused(act, kind, message);
  } finally {
    WebAssembly.Memory = Memory;
  }
  assert.is(memories, 0, "nothing was allocated");
}

/** Throws unless the call is refused in these words, changes nothing, and steps go on after it. */
export function assertNothingChanged(
  act: (optimizer: AdamW) => unknown,
  kind: ErrorClass,
  message: string,
): void {
  const optimizer = new AdamW(w());
  optimizer.gradient("w").fill(0.5);
  const before = optimizer.digest();
  assertRefused(() => act(optimizer), kind, message);
  assert.is(optimizer.digest(), before);
  assert.is(optimizer.steps, 0);
  optimizer.groups[0].lr = 1e-3;
  optimizer.groups[0].weightDecay = 0;
  assert.is(optimizer.step().step, 1, "and it still works");
}

/** Throws where two rows of a table have the same title. */
export function assertOwnCases(
  rows: readonly (readonly [why: string, ...rest: unknown[]])[],
): void {
  const whys = rows.map(([why]) => why);
  assert.equal(
    whys.filter((why, i) => whys.indexOf(why) !== i),
    [],
  );
}
