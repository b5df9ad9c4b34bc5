import { checkPart, foldParts, foldRows } from "../core/checks.ts";
import type { Slabs } from "../core/slabs.ts";
import { allocate } from "../errors.ts";
import { rowLengthOf } from "../gradients/gradient.ts";
import type { Active } from "./active.ts";
import type { Entry } from "./entry.ts";

/** The checksums of a step: docs/semantics.md, "Checksums". Entries of parameters that took no part are old. */
export class StepChecks {
  /** By index of the parameter: uint64[parameters]. */
  readonly gradient: BigUint64Array;
  /** Of the blocks whose turn it was. */
  readonly state: BigUint64Array;
  readonly #slabs: Slabs;
  readonly #hashes = new BigUint64Array(2);

  constructor(slabs: Slabs, parameters: number) {
    this.#slabs = slabs;
    const make = () =>
      allocate(8 * parameters, "a step's checksums", () => new BigUint64Array(parameters));
    this.gradient = make();
    this.state = make();
  }

  get asked(): boolean {
    return this.#slabs.checkStride > 0;
  }

  /** Before step k, from 0. */
  begin(k: number): void {
    this.#slabs.checkPhase = k;
  }

  /** Before rows move: a step may zero their gradients. */
  beforeRows(actives: readonly Active[]): void {
    for (const { entry, rows } of actives) {
      if (rows === null) continue;
      const parts = this.#slabs.partsOf(entry.index);
      this.gradient[entry.index] = foldRows(parts, rows, rowLengthOf(entry.shape));
    }
  }

  /** After an applied step, whose walk has made the records of whole parameters. */
  take(actives: readonly Active[]): void {
    this.#take(actives, false);
  }

  /** Instead of a step, which was skipped. */
  takeSkipped(actives: readonly Active[]): void {
    this.beforeRows(actives);
    this.#take(actives, true);
  }

  #take(actives: readonly Active[], skipped: boolean): void {
    const { checkStride, checkPhase } = this.#slabs;
    for (const { entry, rows } of actives) {
      const whole = rows === null;
      if (skipped || !whole) check(this.#slabs, entry, checkStride, checkPhase, whole);
      foldParts(this.#slabs.partsOf(entry.index), this.#hashes);
      if (whole) this.gradient[entry.index] = this.#hashes[0];
      this.state[entry.index] = this.#hashes[1];
    }
  }
}

/** Writes a parameter's check records outside of a step: of its gradient only where asked. */
function check(
  slabs: Slabs,
  { index, paramGroup }: Entry,
  stride: number,
  phase: number,
  gradients: boolean,
): void {
  for (const part of slabs.partsOf(index)) {
    slabs.takeTurns(part, stride, phase);
    checkPart(part, paramGroup.amsgrad, gradients);
  }
}

/** Checksums of the whole state of parameters, outside of a step: uint64 each, in their order. */
export function stateChecksums(slabs: Slabs, entries: readonly Entry[]): BigUint64Array {
  const hashes = new BigUint64Array(2);
  return BigUint64Array.from(entries, (entry) => {
    check(slabs, entry, 1, 0, false);
    foldParts(slabs.partsOf(entry.index), hashes);
    return hashes[1];
  });
}
