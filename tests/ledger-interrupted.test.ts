import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamW } from "../src/index.ts";
import { LedgerText } from "../src/ledger/ledger-text.ts";
import { RunLedger } from "../src/ledger/run-ledger.ts";
import { machineryOf } from "../src/optimizers/optimizer.ts";
import { ledgerOf, recordsOf } from "./reference/ledger.ts";
import { rejection } from "./reference/rejection.ts";
import { inScratchFolder } from "./reference/scratch.ts";

const test = suite("ledger: interrupted");
const make = () => AdamW.create({ w: new Float32Array(10).fill(1) });
const step = (optimizer: AdamW) => optimizer.step({ w: new Float32Array(10).fill(0.5) });

test("parameters that come after the last step stand before the end", async () => {
  const { records } = await ledgerOf(await make(), (optimizer) => {
    step(optimizer);
    optimizer.addParameters({ v: new Float32Array(3) });
  });
  assert.equal(
    records.map(({ kind }) => kind),
    ["header", "step", "parameters", "end"],
  );
});

test("several interruptions in a row leave several lines that broke off", () =>
  inScratchFolder(async (folder) => {
    const path = join(folder, "run.jsonl");
    const optimizer = await make();
    const ledger = await RunLedger.open(path, optimizer);
    step(optimizer);
    await ledger.flush();
    appendFileSync(path, '{"step":2,"app');
    // A crash within the header of the run that is taken up again.
    appendFileSync(path, '\n{"ashlar":"run","resum');
    machineryOf(optimizer).bound.stepper.watch(null, 0);
    const again = await RunLedger.open(path, optimizer, { append: true });
    step(optimizer);
    await again.close();
    const kinds = (await recordsOf(readFileSync(path))).map(({ kind }) => kind);
    assert.equal(kinds, ["header", "step", "cut", "cut", "header", "step", "end"]);
  }));

test("two lines that broke off before a step are an error, which names the first", async () => {
  const { text } = await ledgerOf(await make(), step);
  const [header, line, end] = text.split("\n");
  const damaged = [header, "{", "[", line, end, ""].join("\n");
  const error = await rejection(recordsOf(damaged));
  assert.is(error.message, "line 2 of run: expected JSON, got other text");
});

test("a poisoned optimizer gets no last line", async () => {
  const optimizer = await make();
  const target = new LedgerText();
  const ledger = await RunLedger.open(target, optimizer);
  step(optimizer);
  const { slabs, stepper } = machineryOf(optimizer).bound;
  slabs.step = () => {
    throw new Error("a trap");
  };
  assert.throws(() => step(optimizer), /POISONED|a trap/);
  const error = await rejection(ledger.close());
  assert.is((error as { code?: string }).code, "POISONED");
  assert.is(stepper.watcher, null);
  const kinds = (await recordsOf(target.text)).map(({ kind }) => kind);
  assert.equal(kinds, ["header", "step"]);
});

test("a file that somebody else writes to is not overwritten", () =>
  inScratchFolder(async (folder) => {
    const path = join(folder, "run.jsonl");
    const optimizer = await make();
    const ledger = await RunLedger.open(path, optimizer);
    const other = await RunLedger.open(path, await make(), { append: true });
    step(optimizer);
    const error = await rejection(ledger.close());
    assert.match(error.message, /run\.jsonl" was written to by somebody else/);
    await other.close();
    const kinds = (await recordsOf(readFileSync(path))).map(({ kind }) => kind);
    assert.equal(kinds, ["header", "header", "end"]);
  }));

test("a ledger that cannot be taken up again is as it was", () =>
  inScratchFolder(async (folder) => {
    const path = join(folder, "run.jsonl");
    const { text } = await ledgerOf(await make(), step);
    writeFileSync(path, text);
    const optimizer = await make();
    const open = await RunLedger.open(new LedgerText(), optimizer);
    await rejection(RunLedger.open(path, optimizer, { append: true }));
    assert.is(readFileSync(path, "utf8"), text);
    await open.close();
  }));

test.run();
