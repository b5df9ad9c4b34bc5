import * as assert from "uvu/assert";
import type { Gradient, NamedGradients, Optimizer } from "../../src/index.ts";
import { differingBits } from "../reference/bits.ts";
import { realistic } from "../reference/patterns.ts";
import type { GroupSpec, Member } from "./members.ts";
import { PlainFamily } from "./plain-family.ts";

// Leaves any subset of the gradients out, of parameters of which some are empty or scalars.

type Shape = readonly number[];
/** Two parameters in each of three groups. */
type Arrangement = readonly (readonly [Shape, Shape])[];

export const ARRANGEMENTS: Readonly<Record<string, Arrangement>> = {
  "the first is empty": [
    [[0], [7]],
    [[], [4097]],
    [[3, 4], [2]],
  ],
  "one in the middle is empty": [
    [[7], [3, 4]],
    [[0, 5], []],
    [[4097], [1]],
  ],
  "the last is empty": [
    [[4097], [7]],
    [[], [3, 4]],
    [[2], [5, 0]],
  ],
  "a whole group is empty": [
    [[7], []],
    [[0], [3, 0]],
    [[4097], [9]],
  ],
  "three are empty": [
    [[0], [7]],
    [[0, 2], [9001]],
    [[], [0]],
  ],
  "all are scalars": [
    [[], []],
    [[], []],
    [[], []],
  ],
  "all are empty": [
    [[0], [0, 3]],
    [[3, 0], [0]],
    [[0], [0]],
  ],
};

/** Long enough for threads to share its steps. */
export const SHARED: Arrangement = [
  [[0], [270_001]],
  [[], [70_001]],
  [
    [3, 4],
    [5, 0],
  ],
];

/** How an absent gradient is absent, and the others are given. */
export type Absence = "left out" | "null" | "left out of micro-batches" | "rows";
export const ABSENCES: readonly Absence[] = [
  "left out",
  "null",
  "left out of micro-batches",
  "rows",
];

export interface SubsetCase {
  readonly member: Member;
  readonly arrangement: Arrangement;
  readonly absence: Absence;
  /** Of the global norm; null without a clip. */
  readonly max: number | null;
  readonly threads: number;
}

/** Not in the order of the groups. */
const NAMES = ["f", "a", "e", "b", "d", "c"];
const SUBSETS = 2 ** NAMES.length;

export const lengthOf = (shape: Shape) => shape.reduce((a, b) => a * b, 1);

export function groupsOf(arrangement: Arrangement, amsgrad: boolean): GroupSpec[] {
  return arrangement.map((shapes, group) => ({
    amsgrad: amsgrad && group === 1,
    params: shapes.map((shape, i) => {
      const index = 2 * group + i;
      return { name: NAMES[index], shape, data: realistic(lengthOf(shape), index + 1) };
    }),
  }));
}

/** The same with the parameters that the subset's bits name, groups without any left away. */
export function only(groups: readonly GroupSpec[], subset: number): GroupSpec[] {
  const isIn = ({ name }: { name: string }) => (subset >> NAMES.indexOf(name)) & 1;
  return groups
    .map((group) => ({ ...group, params: group.params.filter(isIn) }))
    .filter(({ params }) => params.length > 0);
}

function plainOf(groups: readonly GroupSpec[], { member, max }: SubsetCase): PlainFamily {
  const parameters = groups.flatMap(({ params, amsgrad }) =>
    params.map(({ name, data }) => ({ name, data, amsgrad: amsgrad && member.amsgrad })),
  );
  return new PlainFamily(parameters, member, max);
}

/** The members without amsgrad don't know the option. */
const openFor = ({ member, max, threads }: SubsetCase, groups: readonly GroupSpec[]) =>
  member.create(groups, max, threads);

/** Gradients of a step by name, of those alone that the subset's bits name. */
function gradientsOf(groups: readonly GroupSpec[], step: number, subset: number) {
  const specs = only(groups, subset).flatMap(({ params }) => params);
  return new Map(
    specs.map(({ name, shape }) => {
      return [name, realistic(lengthOf(shape), 10 + 7 * step + NAMES.indexOf(name))] as const;
    }),
  );
}

function act(
  optimizer: Optimizer,
  groups: readonly GroupSpec[],
  gradients: ReadonlyMap<string, Float32Array>,
  absence: Absence,
): unknown {
  const record: Record<string, Gradient | null> = {};
  for (const { name, shape } of groups.flatMap(({ params }) => params)) {
    const values = gradients.get(name);
    if (values && absence === "rows" && shape.length > 0) {
      record[name] = { rows: Array.from({ length: shape[0] }, (_, row) => row), values };
    } else if (values) record[name] = values;
    else if (absence === "null") record[name] = null;
  }
  if (absence !== "left out of micro-batches") return optimizer.step(record as NamedGradients);
  optimizer.accumulate(record as NamedGradients);
  return optimizer.step();
}

/** A copy of all of a parameter's state, its own step count first. */
function bytesOf(optimizer: Optimizer, name: string): Buffer {
  const view = optimizer.parameter(name);
  const planes = view.parts.flatMap((part) => {
    const all = [part.master, part.expAvg, part.expAvgSq];
    return part.maxExpAvgSq ? [...all, part.maxExpAvgSq] : all;
  });
  return Buffer.concat([
    Buffer.from(Float64Array.of(view.step).buffer),
    ...planes.map(({ buffer, byteOffset, byteLength }) =>
      Buffer.from(buffer, byteOffset, byteLength),
    ),
  ]);
}

/** Compares every bit and count with the plain form. */
function compare(optimizer: Optimizer, plain: PlainFamily, where: string): void {
  assert.is(optimizer.steps, plain.steps, where);
  for (const { name, p, m, v, vmax, t } of plain.parameters) {
    const view = optimizer.parameter(name);
    assert.is(view.step, t, `step of ${name}, ${where}`);
    for (const part of view.parts) {
      const pairs = [
        [part.master, p],
        [part.expAvg, m],
        [part.expAvgSq, v],
        ...(vmax && part.maxExpAvgSq ? ([[part.maxExpAvgSq, vmax]] as const) : []),
      ] as const;
      for (const [got, expected] of pairs) {
        const own = expected.subarray(part.first, part.first + part.length);
        assert.is(differingBits(got, own), -1, `${name}, ${where}`);
      }
    }
  }
}

/**
 * One step for every subset of gradients, beside the plain form.
 *
 * @returns subsets tried
 */
export async function leaveOut(one: SubsetCase): Promise<number> {
  const { member, arrangement, absence } = one;
  const groups = groupsOf(arrangement, member.amsgrad);
  const [optimizer, plain] = [await openFor(one, groups), plainOf(groups, one)];
  for (let i = 0; i < SUBSETS; i++) {
    // All at first; then subsets far from each other.
    const subset = (SUBSETS - 1) ^ ((i * 37) % SUBSETS);
    const where = `gradients ${subset.toString(2)}`;
    const gradients = gradientsOf(groups, i, subset);
    const absent = NAMES.filter((name) => !gradients.has(name));
    const before = absent.map((name) => bytesOf(optimizer, name));
    if (member.counts === "all" && absent.length > 0) {
      const message =
        /^"gradient" of parameter "\w": expected a Float32Array in every step, got none/;
      assert.throws(() => act(optimizer, groups, gradients, absence), message, where);
      optimizer.zeroGradients();
    } else {
      act(optimizer, groups, gradients, absence);
      plain.step(gradients);
    }
    absent.forEach((name, j) => {
      assert.ok(before[j].equals(bytesOf(optimizer, name)), `${name} moved, ${where}`);
    });
    compare(optimizer, plain, where);
  }
  optimizer.dispose();
  return SUBSETS;
}

/**
 * For every subset: some steps of those alone are the steps of an optimizer that has no others.
 *
 * @returns subsets tried
 */
export async function withoutOthers(one: SubsetCase): Promise<number> {
  const { member, arrangement, absence } = one;
  const groups = groupsOf(arrangement, member.amsgrad);
  for (let subset = 1; subset < SUBSETS; subset++) {
    const own = only(groups, subset);
    const [all, alone] = [await openFor(one, groups), await openFor(one, own)];
    for (let step = 0; step < 3; step++) {
      const gradients = gradientsOf(groups, step, subset);
      act(all, groups, gradients, absence);
      act(alone, own, gradients, absence);
    }
    const expected = alone.parameterDigests();
    for (const [name, digest] of all.parameterDigests()) {
      if (expected.has(name)) assert.is(digest, expected.get(name), `${name}, only ${subset}`);
    }
    for (const optimizer of [all, alone]) optimizer.dispose();
  }
  return SUBSETS - 1;
}
