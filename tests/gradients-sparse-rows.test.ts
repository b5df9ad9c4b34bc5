import { suite } from "uvu";
import * as assert from "uvu/assert";
import { addRows, gatherRows, scatterRows } from "../src/gradients/scatter-rows.ts";
import {
  addMergedRows,
  isSparseRows,
  mergeRows,
  orderRows,
  type SparseRows,
} from "../src/gradients/sparse-rows.ts";
import { differingBits } from "./reference/bits.ts";
import { joined, partsOf, randomCuts } from "./reference/gradient-parts.ts";
import { realistic } from "./reference/patterns.ts";
import { xorshift32 } from "./reference/random.ts";

const test = suite("gradients: sparse rows");

const f32 = (...values: number[]) => Float32Array.from(values);
const table = (...shape: number[]) => ({ name: "embed.weight", shape });
const merge = (gradient: SparseRows, parameter: ReturnType<typeof table>) =>
  mergeRows(orderRows(gradient, parameter));

test("rows come out once each, ascending, duplicates summed", () => {
  const rows = [5, 2, 5, 0, 2, 5];
  const values = f32(1, 2, 3, 4, 10, 20, 5, 6, 30, 40, 100, 200);
  for (const given of [rows, Int32Array.from(rows), Uint32Array.from(rows)]) {
    const merged = merge({ rows: given, values }, table(6, 2));
    assert.instance(merged.rows, Uint32Array);
    assert.equal([...merged.rows], [0, 2, 5]);
    assert.equal([...merged.values], [5, 6, 33, 44, 111, 222]);
  }
});

test("duplicates are summed in float32 in the caller's order", () => {
  const sumOf = (...values: number[]) =>
    merge({ rows: values.map(() => 3), values: f32(...values) }, table(4)).values[0];
  // 2^24 + 1 is no float32.
  assert.is(sumOf(16777216, 1, 1, -16777216), 0);
  assert.is(sumOf(1, 1, 16777216, -16777216), 2);
  assert.is(sumOf(1, 16777216, -16777216, 1), 1);
  assert.is(Object.is(sumOf(-0), -0), true, "a single row is copied as it is");
  // Other rows between them don't matter.
  const merged = merge({ rows: [3, 0, 3, 9, 3], values: f32(16777216, 5, 1, 6, 1) }, table(10));
  assert.equal([...merged.values], [5, 16777216, 6]);
});

test("rows are copied: the caller's arrays are neither kept nor written", () => {
  const [rows, values] = [Uint32Array.of(1, 1), f32(1, 2)];
  const merged = merge({ rows, values }, table(3));
  merged.values[0] = 99;
  merged.rows[0] = 2;
  assert.equal(
    [[...rows], [...values]],
    [
      [1, 1],
      [1, 2],
    ],
  );
});

test("ordering copies no values, and its rows are its own", () => {
  const cases: [number[], number[]][] = [
    [[0, 2, 3], []],
    [
      [2, 0, 2],
      [1, 0, 2],
    ],
    [
      [1, 1],
      [0, 1],
    ],
  ];
  for (const [given, order] of cases) {
    const rows = Uint32Array.from(given);
    const values = f32(...given);
    const ordered = orderRows({ rows, values }, table(4));
    assert.is(ordered.values, values);
    assert.equal([...(ordered.sources?.order ?? [])], order);
    rows.fill(9);
    assert.equal([...ordered.rows], [...new Set(given)].sort());
  }
});

test("no rows, rows of no elements, vectors and high dimensions are all allowed", () => {
  const cases: [number[], number[], number[], number[], number[]][] = [
    [[4, 3], [], [], [], []],
    [[0, 3], [], [], [], []],
    [[3, 0], [2, 1, 2], [], [1, 2], []],
    [[4], [3, 1], [7, 8], [1, 3], [8, 7]],
    [[2, 1, 2, 1], [1, 1], [1, 2, 10, 20], [1], [11, 22]],
    [[4], [-0, 0], [1, 2], [0], [3]],
  ];
  for (const [shape, rows, values, expectedRows, expectedValues] of cases) {
    const merged = merge({ rows, values: f32(...values) }, table(...shape));
    assert.equal([...merged.rows], expectedRows, `shape [${shape}]`);
    assert.equal([...merged.values], expectedValues, `shape [${shape}]`);
    const into = partsOf(new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(3));
    scatterRows(into, merged);
  }
});

test("scatter writes and add adds the touched rows only", () => {
  const merged = merge({ rows: [3, 1], values: f32(1, 2, 3, 4) }, table(4, 2));
  const into = partsOf(f32(10, 11, 12, 13, 14, 15, 16, 17));
  addRows(into, merged);
  assert.equal([...joined(into)], [10, 11, 15, 17, 14, 15, 17, 19]);
  scatterRows(into, merged);
  assert.equal([...joined(into)], [10, 11, 3, 4, 14, 15, 1, 2]);
});

test("micro-batches add up over the union of their rows", () => {
  const shape = table(6, 2);
  const a = merge({ rows: [4, 1], values: f32(1, 2, 16777216, 4) }, shape);
  const b = merge({ rows: [1, 0], values: f32(1, 6, 7, 8) }, shape);
  const sum = addMergedRows(a, b);
  assert.equal([...sum.rows], [0, 1, 4]);
  assert.equal([...sum.values], [7, 8, 16777216, 10, 1, 2]);
  assert.equal([...a.values], [16777216, 4, 1, 2], "not written");
  const none = merge({ rows: [], values: f32() }, shape);
  assert.equal([...addMergedRows(none, a).values], [...a.values]);
  assert.equal([...addMergedRows(a, none).rows], [1, 4]);
});

test("random gradients equal a plain dense sum, whatever the split", () => {
  const next = xorshift32(0xa54ff53a);
  for (let round = 0; round < 30; round++) {
    const rest =
      round % 3 === 0 ? [] : round % 3 === 1 ? [1 + (next() % 900)] : [3, 1 + (next() % 99)];
    const shape = [1 + (next() % 40), ...rest];
    const rowLength = rest.reduce((a, b) => a * b, 1);
    const rows = Array.from({ length: next() % 60 }, () => next() % shape[0]);
    const values = realistic(rows.length * rowLength, round + 1);
    const length = shape[0] * rowLength;
    const expected = new Float32Array(length).fill(0.5);
    const seen = new Set<number>();
    rows.forEach((row, i) => {
      for (let j = 0; j < rowLength; j++) {
        const before = seen.has(row) ? expected[row * rowLength + j] : 0;
        expected[row * rowLength + j] = Math.fround(before + values[i * rowLength + j]);
      }
      seen.add(row);
    });
    const given = orderRows({ rows: Int32Array.from(rows), values }, table(...shape));
    const merged = mergeRows(given);
    assert.equal(
      [...merged.rows],
      [...seen].sort((a, b) => a - b),
    );
    const into = partsOf(new Float32Array(length).fill(0.5), randomCuts(length, next));
    scatterRows(into, merged);
    assert.is(differingBits(joined(into), expected), -1, `round ${round}, shape [${shape}]`);
    const straight = partsOf(new Float32Array(length).fill(0.5), randomCuts(length, next));
    scatterRows(straight, given);
    assert.is(differingBits(joined(straight), expected), -1, `round ${round}, without a copy`);
    const room = new Float32Array(merged.values.length);
    const gathered = gatherRows(straight, merged.rows, rowLength, room);
    assert.is(differingBits(gathered.values, merged.values), -1, `round ${round}, gathered`);
    addRows(into, merged);
    const doubled = expected.map((x, i) => (seen.has(Math.floor(i / rowLength)) ? 2 * x : x));
    assert.is(differingBits(joined(into), doubled), -1, `round ${round}, added`);
  }
});

test("a row that crosses parts is written whole", () => {
  const values = realistic(2 * 3000, 4);
  const merged = merge({ rows: [1, 2], values }, table(4, 3000));
  for (const cuts of [[4096], [8192], [4096, 8192]]) {
    const into = partsOf(new Float32Array(12000), cuts);
    scatterRows(into, merged);
    const all = joined(into);
    assert.is(differingBits(all.slice(3000, 9000), values), -1, `cuts [${cuts}]`);
    assert.ok(
      all.subarray(0, 3000).every((x) => x === 0) && all.subarray(9000).every((x) => x === 0),
    );
  }
});

test("isSparseRows tells rows from arrays", () => {
  assert.is(isSparseRows({ rows: [], values: f32() }), true);
  assert.is(isSparseRows({ rows: 3 }), true, "judged by mergeRows");
  for (const other of [f32(1), [1], null, undefined, 3, "rows", new Map(), {}]) {
    assert.is(isSparseRows(other), false);
  }
});

test.run();
