import * as assert from "uvu/assert";
import { type AdamW, LedgerText, RunLedger } from "../../src/index.ts";
import type { ErrorClass } from "./refused.ts";

/** A use of something disposed: a member, the use, and whether it is refused or can still be read. */
export type DisposedRow<Of> = [
  member: string,
  use: (of: Of) => unknown,
  then: "refused" | "readable",
];

/** Members that an engine or a later version may have, and a table need not. */
const OPTIONAL = ["Symbol(Symbol.dispose)", "Symbol(nodejs.dispose)"];

/** Names of all methods, getters and setters that objects of a class have, its own bases' included. */
export function membersOf(prototype: object): string[] {
  const members = new Set<string>();
  for (let each = prototype; each !== Object.prototype; each = Object.getPrototypeOf(each)) {
    for (const key of Reflect.ownKeys(each)) members.add(String(key));
  }
  members.delete("constructor");
  return [...members].filter((member) => !OPTIONAL.includes(member)).sort();
}

/** Throws unless a table has a row, or more, for each member and for nothing else. */
export function assertEveryMember(
  rows: readonly (readonly [member: string, ...rest: unknown[]])[],
  prototype: object,
): void {
  const inTable = rows.map(([member]) => member).filter((member) => !OPTIONAL.includes(member));
  assert.equal([...new Set(inTable)].sort(), membersOf(prototype));
}

/** What a call throws, now or by its promise. */
export async function errorOf(act: () => unknown): Promise<Error & { code?: string }> {
  try {
    await act();
  } catch (error) {
    return error as Error;
  }
  return assert.unreachable("accepted") as never;
}

/** As assertRefused, also of calls that give a promise. */
export async function assertRefusedLater(
  act: () => unknown,
  kind: ErrorClass,
  message: string,
  code?: string,
): Promise<void> {
  const error = await errorOf(act);
  assert.is(error.message, message);
  assert.is(error.constructor, kind);
  assert.is(error.code, code);
}

/** The array, after its memory was handed over to somebody else: it has no elements any more. */
export function transferred<View extends ArrayBufferView<ArrayBuffer>>(view: View): View {
  structuredClone(view.buffer, { transfer: [view.buffer] });
  return view;
}

/** A view of a WebAssembly memory that has grown since. */
export function grownAway(length: number): Float32Array {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 2 });
  const view = new Float32Array(memory.buffer, 0, length);
  memory.grow(1);
  return view;
}

/** A view of a buffer that was resized to `bytes`, of its length as it was, or of what is there. */
export function resized(length: number, bytes: number, tracking: boolean): Float32Array {
  const options = { maxByteLength: 8 * length };
  const buffer = new (
    ArrayBuffer as unknown as new (
      bytes: number,
      options: object,
    ) => ArrayBuffer & { resize(bytes: number): void }
  )(4 * length, options);
  const view = tracking ? new Float32Array(buffer) : new Float32Array(buffer, 0, length);
  buffer.resize(bytes);
  return view;
}

const ones = () => Float32Array.of(1, 1, 1, 1);

/** A call to an optimizer of one parameter "w" of four elements, and what its message calls it. */
export type BusyCall = readonly [call: string, act: (o: AdamW) => unknown, told: string];

/** Calls that are BUSY from within a step and while a save runs. */
export const BUSY: readonly BusyCall[] = [
  ["step()", (o) => o.step(), "step"],
  ["step(gradients)", (o) => o.step({ w: ones() }), "step"],
  ["step(closure)", (o) => o.step(() => assert.unreachable("not called")), "step"],
  ["stepAsync", (o) => o.stepAsync(() => assert.unreachable("not called")), "stepAsync"],
  ["accumulate", (o) => o.accumulate({ w: ones() }), "accumulate"],
  ["zeroGradients", (o) => o.zeroGradients(), "zeroGradients"],
  ["setWeights", (o) => o.setWeights({ w: ones() }), "setWeights"],
  ["addParameters", (o) => o.addParameters({ v: ones() }), "adding parameters"],
  ["addGroup", (o) => o.addGroup({ params: { v: ones() } }), "adding parameters"],
  ["save", (o) => o.save(new WritableStream()), "save"],
  ["toBytes", (o) => o.toBytes(), "save"],
  ["toBlob", (o) => o.toBlob(), "save"],
  ["dispose", (o) => o.dispose(), "dispose"],
  ["RunLedger.open", (o) => RunLedger.open(new LedgerText(), o), "RunLedger.open"],
];
