import { AdamW } from "../../src/index.ts";
import { runCase } from "../harness/case.ts";
import type { Contender, Entry } from "../harness/contender.ts";
import { fillGradients, fillWeights } from "../harness/data.ts";
import { DENSE, SPARSE, SPARSE_EAGER } from "../report/names.ts";
import { MILLISECONDS } from "../report/result.ts";
import { PER_MILLISECOND, type Suite } from "./suite.ts";

const ROWS = 30_522; // BERT's vocabulary
const COLUMNS = 768;
const TOUCHED = 512;
/** Batches of rows, so that a row isn't still in the cache when its turn comes again. */
const BATCHES = 16;

/** Rows of one batch, scattered; 7,919 is prime, so that none occurs twice. */
const rowsOf = (batch: number) =>
  Uint32Array.from({ length: TOUCHED }, (_, i) => ((batch * TOUCHED + i) * 7919) % ROWS);

async function open(name: string, lazy: boolean): Promise<Contender> {
  const optimizer = await AdamW.create({ w: { shape: [ROWS, COLUMNS] } }, { lazy });
  fillWeights(optimizer.parameter("w").master);
  const values = new Float32Array(TOUCHED * COLUMNS);
  fillGradients(values);
  const batches = Array.from({ length: BATCHES }, (_, batch) => ({ rows: rowsOf(batch), values }));
  let next = 0;
  const step = () => {
    optimizer.step({ w: batches[next] });
    next = (next + 1) % BATCHES;
  };
  checkRows(optimizer, step, lazy);
  // Each row's pages are touched, and the code around the kernel is compiled.
  for (let i = 0; i < 4 * BATCHES; i++) step();
  return { name, per: PER_MILLISECOND, step, close: () => optimizer.dispose() };
}

/** The first step moves exactly its own rows, unless every row decays. @throws Error */
function checkRows(optimizer: AdamW, step: () => void, lazy: boolean): void {
  const before = optimizer.parameter("w").master.slice();
  step();
  const { master } = optimizer.parameter("w");
  const touched = new Set(rowsOf(0));
  for (let row = 0; row < ROWS; row++) {
    let moved = 0;
    for (let i = row * COLUMNS; i < (row + 1) * COLUMNS; i++)
      moved += Number(master[i] !== before[i]);
    const expected = touched.has(row) || !lazy ? COLUMNS : 0;
    if (moved !== expected) {
      throw new Error(`row ${row}: expected ${expected} weights to move, ${moved} did`);
    }
  }
}

async function openDense(): Promise<Contender> {
  const optimizer = await AdamW.create({ w: { shape: [ROWS, COLUMNS] } });
  fillWeights(optimizer.parameter("w").master);
  fillGradients(optimizer.gradient("w"));
  const step = () => {
    optimizer.step();
  };
  step();
  return { name: DENSE, per: PER_MILLISECOND, step, close: () => optimizer.dispose() };
}

export const sparse: Suite = {
  name: "sparse",
  title: `An embedding of ${ROWS} x ${COLUMNS} whose gradient has ${TOUCHED} rows`,
  cores: "one",
  async run(context) {
    const length = ROWS * COLUMNS;
    const bytes = length * 16;
    const entries: Entry[] = [
      { name: DENSE, bytes, mustRun: true, open: openDense },
      { name: SPARSE, bytes, mustRun: true, open: () => open(SPARSE, true) },
      { name: SPARSE_EAGER, bytes, mustRun: true, open: () => open(SPARSE_EAGER, false) },
    ];
    const title = `${TOUCHED} of ${ROWS} rows`;
    const plan = { name: "BERT's vocabulary", title, parameters: length, unit: MILLISECONDS };
    return [await runCase(context, { ...plan, entries })];
  },
};
