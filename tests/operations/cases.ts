import * as fc from "fast-check";
import {
  anyShape,
  group,
  operation,
  parameters,
  shape,
  training,
} from "../reference/arbitraries.ts";
import type { GroupCase, Operation, ParameterCase, TrainingCase } from "../reference/cases.ts";
import type { Where } from "../reference/refusals.ts";
import { BAD_CALLS } from "./bad-calls.ts";

// Random lives of an optimizer, as plain data: what is done between creation and the last disposal.

/** How an optimizer lies in memory; no bit depends on it. */
export interface MachineCase {
  readonly threads: 1 | 2;
  /** Whether slabs are so small that parameters of more than two blocks are split. */
  readonly small: boolean;
}

/** What happens to an optimizer besides training. */
export type LifeOperation =
  | { readonly do: "stepAsync" }
  | { readonly do: "save"; readonly to: "bytes" | "file" | "Blob" }
  /** Goes back to the last save, in a fresh optimizer. `again`: and saves that. */
  | { readonly do: "load"; readonly machine: MachineCase; readonly again: boolean }
  /** Saves, and goes on in a fresh optimizer. */
  | { readonly do: "resume"; readonly machine: MachineCase }
  | {
      readonly do: "addParameters";
      readonly group: number;
      readonly added: readonly ParameterCase[];
    }
  | {
      readonly do: "addGroup";
      readonly group: GroupCase;
      readonly added: readonly ParameterCase[];
    }
  /** Uses it after that, then goes back to the last save or to the beginning. */
  | { readonly do: "dispose" }
  | { readonly do: "refused"; readonly why: string; readonly where: Where };

export type AnyOperation = Operation | LifeOperation;

export interface LifeCase {
  readonly training: Omit<TrainingCase, "operations">;
  readonly machine: MachineCase;
  readonly operations: readonly AnyOperation[];
}

const machine: fc.Arbitrary<MachineCase> = fc.record({
  threads: fc.constant(1 as const),
  small: fc.boolean(),
});

const added = parameters(shape).map((list) => list.slice(0, 2));

const where: fc.Arbitrary<Where> = fc.record({
  parameter: fc.nat(6),
  at: fc.nat(5000),
  group: fc.nat(3),
});

const lifeOperation: fc.Arbitrary<LifeOperation> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ do: fc.constant("stepAsync") }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("save"),
      to: fc.constantFrom("bytes", "bytes", "bytes", "bytes", "Blob", "file"),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("load"), machine, again: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("resume"), machine }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("addParameters"), group: fc.nat(3), added }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("addGroup"), group, added }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("dispose") }) },
  {
    weight: 7,
    arbitrary: fc.record({
      do: fc.constant("refused"),
      why: fc.constantFrom(...Object.keys(BAD_CALLS)),
      where,
    }),
  },
);

const anyOperation: fc.Arbitrary<AnyOperation> = fc.oneof(
  { weight: 1, arbitrary: operation },
  { weight: 1, arbitrary: lifeOperation },
);

const lifeOf = (
  shapes: fc.Arbitrary<readonly number[]>,
  most: number,
  of: fc.Arbitrary<MachineCase>,
): fc.Arbitrary<LifeCase> =>
  fc.record({
    training: training(shapes, 1),
    machine: of,
    operations: fc.array(anyOperation, { minLength: 1, maxLength: most }),
  });

/** Threads share a step of so many elements. */
const LARGE = [16_500, 3];

const shared = lifeOf(shape, 8, machine).map((life): LifeCase => {
  const { parameters } = life.training;
  const [first, ...others] = parameters;
  const large = { ...first, shape: LARGE };
  return {
    ...life,
    training: { ...life.training, parameters: [large, ...others] },
    machine: { ...life.machine, threads: 2 },
  };
});

/** Mostly small models on one thread; one life in forty has parameters of several blocks or slabs. */
export const life: fc.Arbitrary<LifeCase> = fc.oneof(
  { weight: 234, arbitrary: lifeOf(shape, 12, machine) },
  { weight: 4, arbitrary: lifeOf(anyShape, 6, machine) },
  { weight: 2, arbitrary: shared },
);
