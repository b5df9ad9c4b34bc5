import * as assert from "uvu/assert";

/** What is done, the class of its error and the whole message. */
export type Refusal = readonly [
  act: () => unknown,
  kind: typeof TypeError | typeof RangeError,
  message: string,
];

/** Asserts that each row throws exactly this. */
export function refuses(rows: readonly Refusal[]): void {
  for (const [act, kind, message] of rows) {
    let error: unknown;
    try {
      act();
    } catch (caught) {
      error = caught;
    }
    assert.ok(error instanceof Error, `nothing thrown for: ${message}`);
    assert.is(error.message, message);
    assert.is(error.constructor, kind, message);
  }
}
