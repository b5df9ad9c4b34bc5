import type { AdamW, NamedGradients } from "../../src/index.ts";
import type { TrainingCase } from "./cases.ts";
import { lengthOf } from "./training-case.ts";

// Calls that an optimizer must refuse, whatever its options, by why.

/** Where a call goes wrong; indices are taken modulo what there is. */
export interface Where {
  readonly parameter: number;
  readonly at: number;
  readonly group: number;
}

/** Gives the call; null where it does not apply, as to an element of an empty parameter. */
export type Refusal = (optimizer: AdamW, run: TrainingCase, where: Where) => (() => unknown) | null;

type Named = Record<string, unknown>;
type Call = (optimizer: AdamW, gradients: Named) => unknown;

const step: Call = (optimizer, gradients) => optimizer.step(gradients as NamedGradients);
const accumulate: Call = (optimizer, gradients) =>
  optimizer.accumulate(gradients as NamedGradients);

/** Arrays of halves for all parameters, and in the place of the target's what `bad` gives. */
function withOne(
  call: Call,
  bad: (length: number, shape: readonly number[], at: number) => unknown,
): Refusal {
  return (optimizer, { parameters }, { parameter, at }) => {
    const target = parameters[parameter % parameters.length];
    const wrong = bad(lengthOf(target.shape), target.shape, at);
    if (wrong === null) return null;
    const entries = parameters.map(({ name, shape }) => {
      return [name, name === target.name ? wrong : halves(lengthOf(shape))] as const;
    });
    return () => call(optimizer, Object.fromEntries(entries));
  };
}

const halves = (length: number) => new Float32Array(length).fill(0.5);

const element = (bad: number) => (length: number, _: unknown, at: number) => {
  if (length === 0) return null;
  const values = halves(length);
  values[at % length] = bad;
  return values;
};

const KINDS: readonly unknown[] = [
  ...[undefined, 1, "gradient", true, {}, [], () => 1, new Map(), Promise.resolve(), 1n],
  ...[new Float64Array(3), new Uint8Array(4), new DataView(new ArrayBuffer(8)), Symbol("g")],
];

const rowLength = (shape: readonly number[]) => lengthOf(shape.slice(1));
const outside = (_: number, shape: readonly number[]) => {
  return { rows: [shape[0] ?? 0], values: halves(rowLength(shape)) };
};
const tooFew = (_: number, shape: readonly number[]) => {
  return { rows: shape[0] ? [0, 0] : [0], values: halves(rowLength(shape)) };
};
const extraKey = (_: number, shape: readonly number[]) => {
  return { rows: [], values: halves(0), shape };
};

const unknownName =
  (call: Call): Refusal =>
  (optimizer, { parameters }) =>
  () => {
    const good = parameters.map(({ name, shape }) => [name, halves(lengthOf(shape))]);
    return call(optimizer, Object.fromEntries([...good, ["no such name", halves(1)]]));
  };

const badShapes = (call: Call): Record<string, Refusal> => ({
  "a gradient too long": withOne(call, (length) => halves(length + 1)),
  "a gradient of the wrong kind": withOne(call, (_, __, at) => KINDS[at % KINDS.length]),
  "a row that there is not": withOne(call, outside),
  "too few values for the rows": withOne(call, (length, shape) => {
    return length > 0 || shape.length === 0 ? tooFew(length, shape) : null;
  }),
  "an unknown key beside the rows": withOne(call, extraKey),
  "an unknown name": unknownName(call),
});

const prefixed = (text: string, all: Record<string, Refusal>) =>
  Object.fromEntries(Object.entries(all).map(([why, refusal]) => [`${text}: ${why}`, refusal]));

/** Steps with gradients by name. */
export const NAMED: Readonly<Record<string, Refusal>> = {
  ...prefixed("step", badShapes(step)),
  NaN: withOne(step, element(Number.NaN)),
  infinite: withOne(step, element(-Infinity)),
  overflow: withOne(step, element(2 ** 90)),
};

/** A step, of the gradients that there are, with a rate that cannot be; it is put back. */
function withRate(key: "lr" | "weightDecay", rate: number | (() => unknown)): Refusal {
  return (optimizer, _, { group }) =>
    () => {
      const target = optimizer.groups[group % optimizer.groups.length];
      const before = target[key];
      target[key] = rate as () => number;
      try {
        optimizer.step();
      } finally {
        target[key] = before;
      }
    };
}

const fails = () => {
  throw new Error("the schedule's own");
};

/** Steps of the sums of micro-batches. */
export const BETWEEN_SUMS: Readonly<Record<string, Refusal>> = {
  "a schedule that throws": withRate("lr", fails),
  "a schedule of NaN": withRate("lr", () => Number.NaN),
  "a schedule of -1": withRate("weightDecay", () => -1),
  "a schedule of text": withRate("weightDecay", () => "0.1"),
  "a closure that throws": (optimizer) => () => optimizer.step(fails),
  "a closure's promise": (optimizer) => () => optimizer.step(async () => 1),
};

/** A step whose rates only float32 cannot hold: noticed late, when the scalars are made. */
export const LATE: Readonly<Record<string, Refusal>> = {
  "an lr beyond float32": (optimizer) => () => {
    const before = optimizer.groups.map(({ lr }) => lr);
    for (const group of optimizer.groups) group.lr = 1e300;
    try {
      optimizer.step();
    } finally {
      optimizer.groups.forEach((group, i) => {
        group.lr = before[i];
      });
    }
  },
};

const assigned =
  (key: "lr" | "weightDecay" | "betas" | "eps", value: unknown): Refusal =>
  (optimizer, _, { group }) =>
  () => {
    (optimizer.groups[group % optimizer.groups.length] as unknown as Named)[key] = value;
  };

const weights = (values: (length: number, at: number) => unknown): Refusal =>
  withOne(
    (optimizer, given) => optimizer.setWeights(given as Record<string, Float32Array>),
    (length, _, at) => values(length, at),
  );

/** What is refused besides steps. */
export const OTHERS: Readonly<Record<string, Refusal>> = {
  ...prefixed("accumulate", badShapes(accumulate)),
  "weights: NaN": weights((length, at) => element(Number.NaN)(length, 0, at)),
  "weights: too long": weights((length) => halves(length + 1)),
  "weights: wrong kind": weights((_, at) => KINDS[at % KINDS.length] ?? null),
  "lr -1": assigned("lr", -1),
  "lr as text": assigned("lr", "0.1"),
  "weightDecay NaN": assigned("weightDecay", Number.NaN),
  "betas of 1": assigned("betas", [0.9, 1]),
  "one beta": assigned("betas", [0.9]),
  "eps 0": assigned("eps", 0),
  "an unknown option of step": (optimizer) => () =>
    optimizer.step({}, { metric: true } as unknown as { metrics: boolean }),
  "average as text": (optimizer) => () =>
    optimizer.accumulate({}, { average: "yes" as unknown as boolean }),
  "an unknown parameter": (optimizer) => () => optimizer.parameter("no such name"),
};
