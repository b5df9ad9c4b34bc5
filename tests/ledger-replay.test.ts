import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  AdamW,
  type AdamWOptions,
  clipByGlobalNorm,
  clipByValue,
  DecoupledAdamW,
  dynamicLossScale,
  MindFormersAdamW,
} from "../src/index.ts";
import type { LedgerParameter } from "../src/ledger/format.ts";
import { GradientFileError, GradientReader } from "../src/ledger/read-gradients.ts";
import { RunLedger } from "../src/ledger/run-ledger.ts";
import type { Optimizer } from "../src/optimizers/optimizer.ts";
import { openSource } from "../src/state/sources/open-source.ts";
import { recordsOf, replay } from "./reference/ledger.ts";
import { xorshift32 } from "./reference/random.ts";
import { rejection } from "./reference/rejection.ts";
import { inScratchFolder } from "./reference/scratch.ts";

const test = suite("ledger: replay");
const next = xorshift32(0x3c6ef372);
const uniform = (length: number, scale = 1) =>
  Float32Array.from({ length }, () => (next() / 2 ** 31 - 1) * scale);
const halves = (length: number) => Uint16Array.from({ length }, () => next() & 0xbbff);

const weights = () => ({
  table: { data: uniform(5_000), shape: [1_000, 5] },
  vector: uniform(9_001),
  scalar: Float32Array.of(0.5),
  empty: new Float32Array(0),
});

const dense = () => ({ table: uniform(5_000), vector: uniform(9_001), scalar: uniform(1) });
const rows = () => ({ rows: [7, 3, 999, 3], values: uniform(20) });
const bad = () => ({ vector: Float32Array.from({ length: 9_001 }, (_, i) => 1 / (i - 8_000)) });

/** Runs that must be replayed to the bit: how the optimizer is made, and what it does. */
const RUNS: Record<string, { options?: AdamWOptions; run: (optimizer: AdamW) => unknown }> = {
  "gradients by name, also by few names and by none": {
    run: (optimizer) => {
      optimizer.step(dense());
      optimizer.step({ scalar: uniform(1) });
      optimizer.step({});
      optimizer.step({ empty: new Float32Array(0), vector: uniform(9_001) });
    },
  },
  "gradients in their views, which passes overwrite": {
    options: { clip: clipByValue(0.25), centralize: true, gradNorm: true },
    run: (optimizer) => {
      for (let k = 0; k < 3; k++) {
        for (const name of ["table", "vector"]) {
          const view = optimizer.gradient(name);
          view.set(uniform(view.length));
        }
        optimizer.step();
        // As the step left them: clipped and centralized.
        optimizer.step();
      }
    },
  },
  "gradients zeroed by the step": {
    options: { zeroGradients: true, clip: clipByGlobalNorm(1) },
    run: (optimizer) => {
      optimizer.gradient("vector").set(uniform(9_001));
      optimizer.step();
      optimizer.step();
    },
  },
  "some rows, over zeros": {
    run: (optimizer) => {
      optimizer.step({ table: rows() });
      optimizer.step({ table: rows(), scalar: uniform(1) });
    },
  },
  "some rows, lazily": {
    options: { lazy: true },
    run: (optimizer) => {
      optimizer.step({ table: rows() });
      optimizer.step({ table: { rows: [], values: new Float32Array(0) } });
      optimizer.step(dense());
      optimizer.step({ table: rows(), scalar: uniform(1) });
    },
  },
  "sums of micro-batches": {
    run: (optimizer) => {
      for (const average of [false, true]) {
        for (let k = 0; k < 3; k++) optimizer.accumulate(dense(), { average });
        optimizer.step();
      }
      optimizer.step(dense());
    },
  },
  "averages of lazy rows": {
    options: { lazy: true, clip: clipByGlobalNorm(0.5) },
    run: (optimizer) => {
      for (let k = 0; k < 3; k++) {
        optimizer.accumulate({ table: rows() }, { average: true });
        if (k > 0) optimizer.accumulate({ vector: uniform(9_001) }, { average: true });
      }
      optimizer.step();
    },
  },
  "16-bit gradients among others": {
    options: { precision: { model: "bfloat16", gradients: "float16" } },
    run: (optimizer) => {
      optimizer.step({ table: halves(5_000), scalar: halves(1) });
      optimizer.step({ ...dense(), vector: halves(9_001) });
      optimizer.gradient16("vector").set(halves(9_001));
      optimizer.step();
      for (let k = 0; k < 3; k++)
        optimizer.accumulate({ vector: halves(9_001) }, { average: true });
      optimizer.step();
    },
  },
  "skipped steps": {
    options: { lossScale: dynamicLossScale({ initialScale: 1_024 }) },
    run: (optimizer) => {
      optimizer.step(dense());
      optimizer.step(bad());
      optimizer.step(bad());
      optimizer.step(dense());
    },
  },
  "refused steps leave nothing behind": {
    run: (optimizer) => {
      optimizer.step({ vector: uniform(9_001) });
      assert.throws(() => optimizer.step({ ...dense(), ...bad() }), /Infinity/);
      optimizer.step({ scalar: uniform(1) });
      assert.throws(() => optimizer.step({ ...dense(), ...bad() }), /Infinity/);
    },
  },
  "parameters split over memories, and two threads": {
    options: { slabBytes: 393_216, splitParameters: true, threads: 2 },
    run: async (optimizer) => {
      optimizer.step(dense());
      await optimizer.stepAsync(() => {
        for (const { gradient } of optimizer.parameter("vector").parts) gradient.fill(0.5);
      });
    },
  },
};

/** Records a run, and replays it from its start. Gives the files' bytes. */
async function recordAndReplay<Used extends Optimizer>(
  optimizer: Used,
  run: (optimizer: Used) => unknown,
  load: (start: string) => Promise<Optimizer>,
  grow?: (optimizer: Optimizer) => void,
): Promise<{ ledger: Uint8Array; gradients: Uint8Array }> {
  return inScratchFolder(async (folder) => {
    const path = join(folder, "run.jsonl");
    const recording = await RunLedger.open(path, optimizer, { replay: true, stride: 1 });
    await run(optimizer);
    await recording.close();
    const again = await load(join(folder, "run.start.safetensors"));
    const repeated = await RunLedger.open(join(folder, "again.jsonl"), again, { stride: 1 });
    const [ledger, gradients] = ["run.jsonl", "run.gradients"].map(
      (name) => new Uint8Array(readFileSync(join(folder, name))),
    );
    const sources = [await openSource(ledger), await openSource(gradients)] as const;
    const { steps, digest } = await replay(again, ...sources, grow);
    assert.ok(steps > 0);
    assert.is(again.digest(), optimizer.digest());
    assert.is(digest, optimizer.digest());
    await repeated.close();
    const after = (text: string) => text.split("\n").slice(1).join("\n");
    const second = readFileSync(join(folder, "again.jsonl"), "utf8");
    assert.is(after(second), after(new TextDecoder().decode(ledger)));
    for (const each of [optimizer, again]) each.dispose();
    return { ledger, gradients };
  });
}

for (const [name, { options = {}, run }] of Object.entries(RUNS)) {
  test(name, async () => {
    const optimizer = await AdamW.create(weights(), options);
    // A step before the ledger begins.
    optimizer.step({ scalar: uniform(1) });
    const { splitParameters = false, threads = 1, slabBytes } = options;
    const layout = { splitParameters, threads, ...(slabBytes ? { slabBytes } : {}) };
    await recordAndReplay(optimizer, run, (start) => AdamW.load(start, layout));
  });
}

test("parameters that are added on the way", async () => {
  const optimizer = await AdamW.create(weights());
  const grow = (grown: Optimizer) => grown.addParameters({ more: Float32Array.of(1, 2) });
  const run = () => {
    optimizer.step(dense());
    grow(optimizer);
    optimizer.step({ ...dense(), more: uniform(2) });
  };
  await recordAndReplay(optimizer, run, (start) => AdamW.load(start), grow);
});

test("the other classes", async () => {
  const decoupled = await DecoupledAdamW.create(weights(), { lr: 0.01 });
  const some = (optimizer: DecoupledAdamW) => {
    optimizer.step(dense());
    optimizer.step({ table: rows() });
  };
  await recordAndReplay(decoupled, some, (start) => DecoupledAdamW.load(start));
  const mindformers = await MindFormersAdamW.create({ a: uniform(10), b: uniform(3) });
  const all = (optimizer: MindFormersAdamW) => {
    optimizer.step([uniform(10), uniform(3)]);
    optimizer.step({ a: uniform(10), b: uniform(3) });
  };
  await recordAndReplay(mindformers, all, (start) => MindFormersAdamW.load(start));
});

/** A file of gradients of each kind, and the parameters it is about. */
async function sample(): Promise<{ bytes: Uint8Array; parameters: readonly LedgerParameter[] }> {
  const options: AdamWOptions = { lazy: true, precision: { gradients: "bfloat16" } };
  const optimizer = await AdamW.create(
    { a: uniform(3), b: { data: uniform(6), shape: [3, 2] } },
    options,
  );
  const run = () => {
    optimizer.step({ a: halves(3), b: uniform(6) });
    optimizer.step({ b: { rows: [2, 0], values: uniform(4) } });
  };
  const { ledger, gradients } = await recordAndReplay(optimizer, run, (start) => AdamW.load(start));
  const [header] = await recordsOf(ledger);
  if (header.kind !== "header") throw new Error(header.kind);
  return { bytes: gradients, parameters: header.parameters };
}

async function countRecords(bytes: Uint8Array, parameters: readonly LedgerParameter[]) {
  const reader = new GradientReader(await openSource(bytes), "run.gradients");
  for (let count = 0; ; count++) if ((await reader.next(parameters)) === null) return count;
}

test("a file that breaks off ends with its last whole record", async () => {
  const { bytes, parameters } = await sample();
  // Magic; a head, two entries, 8 and 24 bytes, CRC; a head, an entry, 8 and 16 bytes, CRC.
  const [first, second] = [8 + 24 + 32 + 32 + 4, 24 + 16 + 24 + 4];
  assert.is(bytes.length, first + second);
  for (let length = 0; length <= bytes.length; length++) {
    const part = bytes.subarray(0, length);
    if (length < 8) {
      assert.instance(await rejection(countRecords(part, parameters)), GradientFileError);
    } else {
      const expected = (length >= first ? 1 : 0) + (length === bytes.length ? 1 : 0);
      assert.is(await countRecords(part, parameters), expected, `${length}`);
    }
  }
});

test("no flipped bit passes", async () => {
  const { bytes, parameters } = await sample();
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    const damaged = bytes.slice();
    damaged[bit >> 3] ^= 1 << (bit & 7);
    // A larger count may run past the end, as if the file broke off.
    const result = await countRecords(damaged, parameters).catch((error) => error);
    const found = result instanceof GradientFileError || (result as number) < 2;
    assert.ok(found, `bit ${bit}: ${result}`);
  }
});

test("gradients of other parameters are refused", async () => {
  const { bytes, parameters } = await sample();
  const [a, b] = parameters;
  const cases: [readonly LedgerParameter[], RegExp][] = [
    [[a], /^record 1 of run.gradients: expected at most 1 gradients, got 2$/],
    [[a, { ...b, shape: [4, 2] }], /gradient of parameter "b" of 8 elements, got 6 elements/],
  ];
  for (const [others, message] of cases) {
    const error = await rejection(countRecords(bytes, others));
    assert.instance(error, GradientFileError);
    assert.match(error.message, message);
  }
});

test.run();
