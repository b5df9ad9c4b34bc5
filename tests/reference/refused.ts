import * as assert from "uvu/assert";

/** The constructor alone: AshlarError's takes a code first. */
export type ErrorClass = { readonly name: string };

/** A refused call: why it is wrong, the call, and what it must throw. */
export type RefusedRow = [why: string, act: () => unknown, error: ErrorClass, message: string];

/** Throws unless `act` throws an error of exactly this class with exactly this message. */
export function assertRefused(act: () => unknown, kind: ErrorClass, message: string): void {
  try {
    act();
  } catch (error) {
    assert.is((error as Error).message, message);
    assert.is((error as Error).constructor, kind);
    return;
  }
  assert.unreachable(`accepted, expected ${kind.name}: ${message}`);
}

/** What `act` writes to console.warn, a line each. */
export function warningsOf(act: () => void): string[] {
  const { warn } = console;
  const lines: string[] = [];
  console.warn = (line: string) => {
    lines.push(line);
  };
  try {
    act();
  } finally {
    console.warn = warn;
  }
  return lines;
}
