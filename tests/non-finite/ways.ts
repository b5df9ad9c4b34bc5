import type { Gradient, NamedGradients, Optimizer, StepReport } from "../../src/index.ts";

// The ways in which gradients come to a step.

/** A gradient and the same memory as bits, so that a NaN can be any. */
export interface Given {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array | Uint16Array;
  readonly bits: Uint32Array | Uint16Array;
}

/**
 * Makes one step of gradients.
 *
 * @param other good gradients, for another micro-batch
 * @param row   of parameter "matrix", that must be among the rows of a sparse gradient
 */
export type Way = (
  optimizer: Optimizer,
  given: readonly Given[],
  other: readonly Given[],
  row: number,
) => StepReport | Promise<StepReport>;

export const MATRIX = "matrix";

const named = (given: readonly Given[]): NamedGradients =>
  Object.fromEntries(given.map(({ name, values }) => [name, values]));

/** Bytes are copied: a NaN keeps its bits. */
function copy(to: Float32Array | Uint16Array, from: Float32Array | Uint16Array): void {
  const bytes = (of: Float32Array | Uint16Array) =>
    new Uint8Array(of.buffer, of.byteOffset, of.byteLength);
  bytes(to).set(bytes(from));
}

function writeViews(optimizer: Optimizer, given: readonly Given[]): void {
  for (const { name, values } of given) {
    for (const { first, length, gradient, gradient16 } of optimizer.parameter(name).parts) {
      copy(gradient16 ?? gradient, values.subarray(first, first + length));
    }
  }
}

function writeGroupViews(optimizer: Optimizer, given: readonly Given[]): void {
  const byName = new Map(given.map((one) => [one.name, one.values]));
  for (const { gradient, gradient16, runs } of optimizer.groupGradients(optimizer.groups[0].name)) {
    for (const { name, offset, first, length } of runs) {
      const values = byName.get(name)?.subarray(first, first + length);
      if (values) copy((gradient16 ?? gradient).subarray(offset, offset + length), values);
    }
  }
}

/** The matrix's gradient as some of its rows, not in order; one of them twice, the second time 0. */
function withRows(given: readonly Given[], row: number): NamedGradients {
  const { shape, values } = given.find(({ name }) => name === MATRIX) as Given;
  const [count, length] = shape;
  const rows = [row, (row + 7) % count, row, (row + 3) % count];
  const own = values.slice(0, rows.length * length) as typeof values;
  rows.forEach((from, i) => {
    const to = own.subarray(i * length, (i + 1) * length);
    if (i === 2) to.fill(0);
    else copy(to, values.subarray(from * length, (from + 1) * length));
  });
  return { ...named(given), [MATRIX]: { rows, values: own } as Gradient };
}

const accumulated =
  (average: boolean, badFirst: boolean): Way =>
  (optimizer, given, other) => {
    const batches = badFirst ? [given, other] : [other, given];
    for (const batch of batches) optimizer.accumulate(named(batch), { average });
    return optimizer.step();
  };

export const WAYS = {
  "by name": (optimizer, given) => optimizer.step(named(given)),
  "in views": (optimizer, given) => {
    writeViews(optimizer, given);
    return optimizer.step();
  },
  "in views of the group": (optimizer, given) => {
    writeGroupViews(optimizer, given);
    return optimizer.step();
  },
  "by a closure": (optimizer, given) => optimizer.step(() => writeViews(optimizer, given)),
  asynchronous: (optimizer, given) => optimizer.stepAsync(async () => writeViews(optimizer, given)),
  "measured, by name": (optimizer, given) => optimizer.step(named(given), { metrics: true }),
  "the first of two micro-batches": accumulated(false, true),
  "the last of two micro-batches": accumulated(false, false),
  "averaged micro-batches": accumulated(true, false),
  rows: (optimizer, given, _, row) => optimizer.step(withRows(given, row)),
  "rows of a micro-batch": (optimizer, given, other, row) => {
    optimizer.accumulate(withRows(other, (row + 5) % 300));
    optimizer.accumulate(withRows(given, row));
    return optimizer.step();
  },
} satisfies Record<string, Way>;
