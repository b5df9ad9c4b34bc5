import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamW, cosineWithWarmup, LedgerText, RunLedger, seededGradients } from "../src/index.ts";
import { AppendedFile, syncFs } from "../src/ledger/appended-file.ts";
import { LedgerError, type LedgerParameter } from "../src/ledger/format.ts";
import { ENTRY_BYTES, HEAD_BYTES, KIND, MAGIC, RECORD } from "../src/ledger/gradient-file.ts";
import { GradientFileError, GradientReader } from "../src/ledger/read-gradients.ts";
import { replayStep } from "../src/ledger/replay-step.ts";
import { scaled } from "../src/schedules/index.ts";
import { crc32 } from "../src/state/crc32.ts";
import { openSource } from "../src/state/sources/open-source.ts";
import { assertOwnCases, type Wrong } from "./reference/bad-input.ts";
import { ledgerOf, recordsOf } from "./reference/ledger.ts";
import { assertRefusedLater, errorOf } from "./reference/misuse.ts";
import { realistic } from "./reference/patterns.ts";
import { assertRefused } from "./reference/refused.ts";
import { inScratchFolder, namesIn } from "./reference/scratch.ts";

const test = suite("ledger: what rarely happens");

const make = () => new AdamW({ w: Float32Array.of(1, 2) });
const ones = () => ({ w: Float32Array.of(1, 1) });

const { text } = await ledgerOf(make(), (optimizer) => optimizer.step(ones()));
const LINES = text.split("\n").slice(0, -1);

/** The three lines, one of them changed as an object. */
function withLine(index: number, change: (line: Wrong) => unknown): string {
  const line = JSON.parse(LINES[index]);
  change(line);
  return LINES.with(index, JSON.stringify(line)).join("\n");
}

const DAMAGE: [why: string, text: string, message: string][] = [
  [
    "a parameter that is no object",
    withLine(0, ({ parameters }) => parameters.splice(0, 1, 7)),
    '"parameters[0]" of line 1 of run: expected an object, got 7',
  ],
  [
    "a shape of halves",
    withLine(0, ({ parameters }) => Object.assign(parameters[0], { shape: [1.5] })),
    '"shape" of "parameters[0]" of line 1 of run: expected whole numbers, got [1.5]',
  ],
  [
    "decays that is no flag",
    withLine(0, ({ parameters }) => Object.assign(parameters[0], { decays: 1 })),
    '"decays" of "parameters[0]" of line 1 of run: expected true or false, got 1',
  ],
  [
    "options that are a list",
    withLine(0, (line) => Object.assign(line, { options: [] })),
    '"options" of line 1 of run: expected an object, got []',
  ],
  [
    "an end that is none",
    withLine(2, (line) => Object.assign(line, { end: false })),
    '"end" of line 3 of run: expected true, got false',
  ],
  [
    "more lines of other text than may have broken off",
    [LINES[0], ...new Array(2_000).fill("{"), LINES[1]].join("\n"),
    "line 2 of run: expected JSON, got other text",
  ],
];

test("each row is its own case", () => assertOwnCases(DAMAGE));

for (const [why, damaged, message] of DAMAGE) {
  test(`refused: ${why}`, () => assertRefusedLater(() => recordsOf(damaged), LedgerError, message));
}

/** A file of gradients of one step and one parameter, with an honest CRC. */
function gradientFile(kind: number, rows: number, elements: number, words: number[]): Uint8Array {
  const head = new DataView(new ArrayBuffer(HEAD_BYTES + ENTRY_BYTES + 4 * words.length));
  [RECORD, 1].forEach((word, i) => {
    head.setUint32(4 * i, word, true);
  });
  head.setUint32(16, 1, true);
  [0, kind, rows, elements, ...words].forEach((word, i) => {
    head.setUint32(HEAD_BYTES + 4 * i, word, true);
  });
  const bytes = new Uint8Array(head.buffer);
  const crc = new DataView(new ArrayBuffer(4));
  crc.setUint32(0, crc32(bytes), true);
  return Uint8Array.of(...MAGIC, ...bytes, ...new Uint8Array(crc.buffer));
}

const parameter = (shape: number[]) =>
  ({
    name: "w",
    shape,
    group: "default",
    layer: null,
    lrScale: 1,
    decays: true,
  }) as LedgerParameter;

test("rows of a scalar are refused", async () => {
  const read = async (shape: number[]) => {
    const reader = await openSource(gradientFile(KIND.rows, 1, 1, [0, 0x3f800000]));
    return new GradientReader(reader, "file").next([parameter(shape)]);
  };
  assert.equal((await read([1]))?.gradients.get("w"), {
    kind: "rows",
    rows: Uint32Array.of(0),
    values: Float32Array.of(1),
  });
  await assertRefusedLater(
    () => read([]),
    GradientFileError,
    'record 1 of file: expected a gradient of parameter "w" of 1 elements, got 1 elements and 1 rows',
  );
});

test("gradients from a stream, whose size is not known, end where it ends", async () => {
  const whole = gradientFile(KIND.dense, 0, 1, [0x3f800000]);
  for (const length of [whole.length, whole.length - 1, whole.length - 5, MAGIC.length + 3]) {
    const stream = new Blob([whole.slice(0, length)]).stream();
    const reader = new GradientReader(await openSource(stream), "file");
    const next = await reader.next([parameter([1])]);
    assert.is(next === null, length < whole.length, `${length}`);
  }
});

test("recorded sums that no accumulate made are refused, and change nothing", () => {
  const optimizer = make();
  const before = optimizer.digest();
  const recorded = (name: string, gradient: object): Wrong => ({
    step: 0,
    microBatches: 2,
    gradients: new Map([[name, gradient]]),
  });
  for (const [name, gradient, got] of [
    ["v", { kind: "dense", values: ones().w }, 'dense of "v"'],
    ["w", { kind: "half", bits: new Uint16Array(2) }, 'half of "w"'],
  ] as const) {
    assertRefused(
      () => replayStep(optimizer, recorded(name, gradient)),
      RangeError,
      `a recorded sum of micro-batches: expected float32 of a parameter, got ${got}`,
    );
  }
  assert.is(optimizer.digest(), before);
});

test("a ledger in memory that nothing was written to", () => assert.is(new LedgerText().text, ""));

/** Schedules in each other, more of them than a ledger has levels. */
function deep() {
  let lr: Wrong = cosineWithWarmup({ peak: 1, warmupSteps: 0, totalSteps: 9 });
  for (let i = 0; i < 40; i++) lr = scaled({ schedule: lr, scale: 1 });
  return new AdamW({ w: Float32Array.of(1, 2) }, { lr });
}
const TOO_DEEP =
  '"optimizer" of RunLedger.open: expected schedules and rules of at most 32 levels, got "AdamW"';

test("schedules that are too deep: text, a stream and a file are left as they were", () =>
  inScratchFolder(async (folder) => {
    const path = join(folder, "run.jsonl");
    writeFileSync(path, text);
    const told = new LedgerText();
    let aborted: unknown;
    const stream = new WritableStream({
      abort(reason) {
        aborted = reason;
      },
    });
    const optimizer = deep();
    const open = (target: Wrong, options = {}) =>
      assertRefusedLater(() => RunLedger.open(target, optimizer, options), RangeError, TOO_DEEP);
    await open(told);
    await open(stream);
    await open(join(folder, "new.jsonl"));
    await open(path, { append: true });
    assert.is(told.text, "");
    assert.is((aborted as Error).message, "the run ledger was not opened");
    assert.is(readFileSync(path, "utf8"), text);
    assert.equal(namesIn(folder), ["run.jsonl"]);
    assert.is(optimizer.step(ones()).step, 1);
  }));

/** Replaces functions of node:fs while `act` runs. */
async function withFs(changes: Wrong, act: () => unknown): Promise<void> {
  const fs: Wrong = syncFs();
  const before = Object.fromEntries(Object.keys(changes).map((name) => [name, fs[name]]));
  Object.assign(fs, changes);
  try {
    await act();
  } finally {
    Object.assign(fs, before);
  }
}

const full = () => {
  throw Object.assign(new Error("ENOSPC: no space left"), { code: "ENOSPC" });
};

test("a ledger that cannot be opened nor put back: the first error is told", () =>
  inScratchFolder(async (folder) => {
    const path = join(folder, "run.jsonl");
    writeFileSync(path, text);
    const optimizer = deep();
    await withFs({ ftruncateSync: full }, () =>
      assertRefusedLater(
        () => RunLedger.open(path, optimizer, { append: true }),
        RangeError,
        TOO_DEEP,
      ),
    );
    const replay = join(folder, "replay.jsonl");
    await withFs({ unlinkSync: full, closeSync: full }, () =>
      assertRefusedLater(
        () => RunLedger.open(replay, optimizer, { replay: true }),
        RangeError,
        TOO_DEEP,
      ),
    );
  }));

test("a header that was written in part is taken back", () =>
  inScratchFolder(async (folder) => {
    const path = join(folder, "run.jsonl");
    writeFileSync(path, text);
    const { writeSync } = syncFs();
    let wrote = 0;
    const part = (file: number, bytes: Uint8Array, from: number, _: number, at: number) => {
      if (wrote > 0) full();
      wrote = writeSync(file, bytes, from, 9, at);
      return wrote;
    };
    await withFs({ writeSync: part }, async () => {
      const error = await errorOf(() => RunLedger.open(path, make(), { append: true }));
      assert.is(error.code, "ENOSPC");
    });
    assert.is(wrote, 9);
    assert.is(readFileSync(path, "utf8"), text);
  }));

test("a target that takes no header is told by open", async () => {
  const own = new Error("of the caller's own");
  class Broken extends LedgerText {
    override append(): never {
      throw own;
    }
  }
  const optimizer = make();
  assert.is(await errorOf(() => RunLedger.open(new Broken(), optimizer)), own);
  const ledger = await RunLedger.open(new LedgerText(), optimizer);
  await ledger.close();
});

test("a ledger that is gone before it is opened to go on", () =>
  inScratchFolder(async (folder) => {
    const path = join(folder, "run.jsonl");
    writeFileSync(path, text);
    const { openSync } = syncFs();
    const opens = (at: string, flags: string, mode: number) => {
      if (flags === "r+")
        throw Object.assign(new Error("ENOENT: no such file"), { code: "ENOENT" });
      return openSync(at, flags, mode);
    };
    const fs = Object.assign(Object.create(syncFs()), { openSync: opens });
    assertRefused(
      () => AppendedFile.open(path, true, fs),
      Error,
      `the run ledger's file "${path}" cannot start: ENOENT: no such file`,
    );
  }));

test("gradients of more than a chunk are recorded, and replayed to the bit", () =>
  inScratchFolder(async (folder) => {
    const shape = { w: { shape: [600_000] } };
    const optimizer = new AdamW(shape);
    const path = join(folder, "run.jsonl");
    const ledger = await RunLedger.open(path, optimizer, { replay: true });
    optimizer.step({ w: realistic(600_000, 5) });
    await ledger.close();
    const reader = await openSource(join(folder, "run.gradients"));
    const { gradients } = (await new GradientReader(reader, "file").next([
      parameter([600_000]),
    ])) as Wrong;
    await reader.close();
    const again = new AdamW(shape);
    replayStep(again, { step: 0, microBatches: 1, gradients });
    assert.is(again.digest(), optimizer.digest());
  }));

test("names beside a ledger are those that are free", () =>
  inScratchFolder(async (folder) => {
    const path = join(folder, "run.jsonl");
    for (const taken of ["run.gradients", "run-2.start.safetensors"]) {
      writeFileSync(join(folder, taken), "");
    }
    const replay = seededGradients({ seed: 1 });
    const ledger = await RunLedger.open(path, make(), { replay });
    await ledger.close();
    assert.ok(namesIn(folder).includes("run-3.start.safetensors"));
  }));

test.run();
