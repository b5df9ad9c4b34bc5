import { readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamW } from "../src/index.ts";
import { AppendedFile, syncFs } from "../src/ledger/appended-file.ts";
import type { HeaderRecord } from "../src/ledger/format.ts";
import { LedgerText } from "../src/ledger/ledger-text.ts";
import { RunLedger } from "../src/ledger/run-ledger.ts";
import { seededGradients } from "../src/ledger/seeded-gradients.ts";
import { recordsOf } from "./reference/ledger.ts";
import { rejection } from "./reference/rejection.ts";
import { inScratchFolder, namesIn } from "./reference/scratch.ts";

const test = suite("ledger: files");
const seeded = seededGradients({ seed: 11 });
const make = () => AdamW.create({ w: new Float32Array(100).fill(1) });

function steps(optimizer: AdamW, count: number): void {
  for (let k = 0; k < count; k++) {
    seeded.fill(optimizer);
    optimizer.step();
  }
}

const codeOf = (error: Error) => (error as { code?: string }).code;
const kindsIn = async (path: string) =>
  (await recordsOf(readFileSync(path))).map(({ kind }) => kind).join(" ");

test("a path and its URL are files of the same lines as text", () =>
  inScratchFolder(async (folder) => {
    const texts: string[] = [];
    const path = join(folder, "run.jsonl");
    for (const target of [path, pathToFileURL(join(folder, "url.jsonl")), new LedgerText()]) {
      const optimizer = await make();
      const ledger = await RunLedger.open(target, optimizer);
      steps(optimizer, 3);
      await ledger.close();
      texts.push(target instanceof LedgerText ? target.text : readFileSync(target, "utf8"));
    }
    assert.is(texts[1], texts[0]);
    assert.is(texts[2], texts[0]);
    assert.equal(namesIn(folder), ["run.jsonl", "url.jsonl"]);
  }));

test("lines wait until there are many, flush writes them", () =>
  inScratchFolder(async (folder) => {
    const path = join(folder, "run.jsonl");
    const optimizer = await make();
    const ledger = await RunLedger.open(path, optimizer);
    const linesThere = () => readFileSync(path, "utf8").split("\n").length - 1;
    assert.is(linesThere(), 1);
    steps(optimizer, 3);
    assert.is(linesThere(), 1);
    assert.is(ledger.lines, 4);
    await ledger.flush();
    assert.is(linesThere(), 4);
    steps(optimizer, 600);
    assert.ok(linesThere() > 300 && linesThere() < 604, `${linesThere()}`);
    await ledger.close();
    assert.is(linesThere(), 605);
  }));

test("a file that is there is refused, and stays", () =>
  inScratchFolder(async (folder) => {
    const path = join(folder, "run.jsonl");
    writeFileSync(path, "mine");
    const optimizer = await make();
    const error = await rejection(RunLedger.open(path, optimizer));
    assert.is(codeOf(error), "EEXIST");
    assert.match(error.message, /run\.jsonl" cannot start/);
    const other = await rejection(RunLedger.open(path, optimizer, { append: true }));
    assert.match(other.message, /expected a run ledger to go on with, got another file/);
    assert.is(readFileSync(path, "utf8"), "mine");
    const missing = await rejection(RunLedger.open(join(folder, "no", "run.jsonl"), optimizer));
    assert.is(codeOf(missing), "ENOENT");
    assert.equal(namesIn(folder), ["run.jsonl"]);
    // None of it holds the optimizer.
    await (await RunLedger.open(join(folder, "other.jsonl"), optimizer)).close();
  }));

test("append goes on in a file, also after a crash in the middle of a line", () =>
  inScratchFolder(async (folder) => {
    const path = join(folder, "run.jsonl");
    const optimizer = await make();
    const first = await RunLedger.open(path, optimizer, { append: true });
    steps(optimizer, 2);
    await first.close();
    const second = await RunLedger.open(path, optimizer, { append: true });
    steps(optimizer, 2);
    await second.flush();
    await second.close();
    assert.is(await kindsIn(path), "header step step end header step step end");
    const records = await recordsOf(readFileSync(path));
    const header = records[4] as HeaderRecord;
    assert.equal([header.resumed, header.step], [true, 2]);

    truncateSync(path, readFileSync(path).length - 30);
    const third = await RunLedger.open(path, optimizer, { append: true });
    steps(optimizer, 1);
    await third.close();
    assert.is(await kindsIn(path), "header step step end header step step cut header step end");
  }));

test("with replay, the start and the gradients lie beside the ledger", () =>
  inScratchFolder(async (folder) => {
    const path = join(folder, "run.jsonl");
    const optimizer = await make();
    steps(optimizer, 1);
    const digest = optimizer.digest();
    const ledger = await RunLedger.open(path, optimizer, { replay: true });
    steps(optimizer, 2);
    await ledger.close();
    const [header] = await recordsOf(readFileSync(path));
    assert.equal((header as HeaderRecord).replay, {
      start: "run.start.safetensors",
      gradients: "run.gradients",
    });
    assert.is((await AdamW.load(join(folder, "run.start.safetensors"))).digest(), digest);

    // A run that goes on has its own.
    const second = await RunLedger.open(path, optimizer, { replay: seeded, append: true });
    steps(optimizer, 2);
    await second.close();
    const resumed = (await recordsOf(readFileSync(path)))[4] as HeaderRecord;
    assert.equal(resumed.replay, { start: "run-2.start.safetensors", gradients: seeded.data });
    assert.equal(namesIn(folder), [
      "run-2.start.safetensors",
      "run.gradients",
      "run.jsonl",
      "run.start.safetensors",
    ]);
  }));

test("where opening fails, nothing is left", () =>
  inScratchFolder(async (folder) => {
    const optimizer = await make();
    const saving = optimizer.toBytes();
    const busy = await rejection(RunLedger.open(join(folder, "a.jsonl"), optimizer));
    assert.is(codeOf(busy), "BUSY");
    await saving;
    const opening = RunLedger.open(join(folder, "b.jsonl"), optimizer, { replay: true });
    // The state may not change while the start is saved, and not by hand either.
    optimizer.parameter("w").master[0] = 5;
    assert.is(codeOf(await rejection(opening)), "BUSY");
    const named = await rejection(
      RunLedger.open(join(folder, "c:d.jsonl"), optimizer, { replay: true }),
    );
    assert.match(named.message, /"target" of RunLedger.open: expected a file name without/);
    const left = namesIn(folder).filter((name) => !name.startsWith("b.start"));
    assert.equal(left, []);
  }));

test("a write that fails is never thrown by a step, but by flush and by close", async () => {
  const optimizer = await make();
  let writes = 0;
  const stream = new WritableStream<Uint8Array>({
    write() {
      if (++writes > 1) throw new Error("the disk is full");
    },
  });
  const ledger = await RunLedger.open(stream, optimizer);
  await ledger.flush();
  steps(optimizer, 1);
  assert.match((await rejection(ledger.flush())).message, /the disk is full/);
  steps(optimizer, 1);
  assert.match((await rejection(ledger.close())).message, /the disk is full/);
  assert.is(optimizer.steps, 2);
  await (await RunLedger.open(new LedgerText(), optimizer)).close();
});

/** Does something while the disk is full. */
async function withoutSpace(act: () => unknown): Promise<void> {
  const fs = syncFs();
  const { writeSync } = fs;
  fs.writeSync = () => {
    throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
  };
  try {
    await act();
  } finally {
    fs.writeSync = writeSync;
  }
}

test("a disk that is full is told by flush, and by close again", () =>
  inScratchFolder(async (folder) => {
    const path = join(folder, "run.jsonl");
    const optimizer = await make();
    const ledger = await RunLedger.open(path, optimizer);
    steps(optimizer, 1);
    await ledger.flush();
    await withoutSpace(async () => {
      steps(optimizer, 1);
      const error = await rejection(ledger.flush());
      assert.match(error.message, /run\.jsonl" cannot be written: ENOSPC/);
    });
    steps(optimizer, 1);
    assert.is(codeOf(await rejection(ledger.close())), "ENOSPC");
    assert.is(await kindsIn(path), "header step");
  }));

test("a disk that is full while gradients are recorded is told by flush and close", () =>
  inScratchFolder(async (folder) => {
    const path = join(folder, "run.jsonl");
    const optimizer = await make();
    const ledger = await RunLedger.open(path, optimizer, { replay: true });
    steps(optimizer, 1);
    await withoutSpace(() => steps(optimizer, 1));
    steps(optimizer, 1);
    const error = await rejection(ledger.flush());
    assert.is(codeOf(error), "ENOSPC");
    assert.match(error.message, /run\.gradients" cannot be written: ENOSPC/);
    assert.is(codeOf(await rejection(ledger.close())), "ENOSPC");
    assert.is(optimizer.steps, 3);
    // What was recorded before it is there, and nothing that comes after a gap.
    assert.is(await kindsIn(path), "header step");
  }));

test("a write may take less than it is given", () =>
  inScratchFolder(async (folder) => {
    const fs = syncFs();
    const path = join(folder, "file");
    const slow = {
      ...fs,
      writeSync: (file: number, bytes: Uint8Array, from: number, count: number, at: number) =>
        fs.writeSync(file, bytes, from, Math.min(count, 7), at),
    };
    const file = AppendedFile.open(path, false, slow);
    file.write(new TextEncoder().encode("a line of more bytes than seven"), 0);
    file.close();
    assert.is(readFileSync(path, "utf8"), "a line of more bytes than seven");
    const stuck = AppendedFile.open(path, true, { ...fs, writeSync: () => 0 });
    assert.throws(() => stuck.write(Uint8Array.of(1), 0), /EIO: wrote 0 of 1 bytes/);
    stuck.close();
  }));

test("a stream gets all lines, and is closed", async () => {
  const optimizer = await make();
  let text = "";
  let closed = false;
  const decoder = new TextDecoder();
  const stream = new WritableStream<Uint8Array>({
    write(bytes) {
      text += decoder.decode(bytes, { stream: true });
    },
    close() {
      closed = true;
    },
  });
  const ledger = await RunLedger.open(stream, optimizer, { replay: seeded });
  steps(optimizer, 3);
  assert.not.ok(closed);
  await ledger.close();
  assert.ok(closed);
  const kinds = (await recordsOf(text)).map(({ kind }) => kind);
  assert.equal(kinds, ["header", "step", "step", "step", "end"]);
  const locked = new WritableStream();
  locked.getWriter();
  assert.match((await rejection(RunLedger.open(locked, optimizer))).message, /got a locked one/);
});

test.run();
