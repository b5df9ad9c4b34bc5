import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamW } from "../src/index.ts";
import { engineName } from "../src/ledger/engine-name.ts";
import { LedgerText } from "../src/ledger/ledger-text.ts";
import { RunLedger } from "../src/ledger/run-ledger.ts";
import { seededGradients } from "../src/ledger/seeded-gradients.ts";
import { recordsOf } from "./reference/ledger.ts";
import { rejection } from "./reference/rejection.ts";

const test = suite("ledger: open and close");
const seeded = seededGradients({ seed: 5 });
const make = () => AdamW.create({ w: new Float32Array(9_000).fill(1) });

test("one ledger an optimizer", async () => {
  const optimizer = await make();
  const ledger = await RunLedger.open(new LedgerText(), optimizer);
  const again = await rejection(RunLedger.open(new LedgerText(), optimizer));
  assert.is((again as { code?: string }).code, "BUSY");
  assert.match(again.message, /expected an optimizer without an open ledger/);
  await ledger.close();
  await ledger.close();
  const next = await RunLedger.open(new LedgerText(), optimizer);
  assert.is(next.lines, 1);
  await next.close();
  assert.is(next.lines, 2);
});

test("after close nothing is recorded", async () => {
  const optimizer = await make();
  const target = new LedgerText();
  const ledger = await RunLedger.open(target, optimizer);
  seeded.fill(optimizer);
  optimizer.step();
  await ledger.close();
  const { text } = target;
  optimizer.step();
  await ledger.flush();
  assert.is(target.text, text);
  assert.is((await recordsOf(text)).length, 3);
});

test("an optimizer that was disposed has no last line", async () => {
  const optimizer = await make();
  const target = new LedgerText();
  const ledger = await RunLedger.open(target, optimizer);
  seeded.fill(optimizer);
  optimizer.step();
  optimizer.dispose();
  const error = await rejection(ledger.close());
  assert.is((error as { code?: string }).code, "DISPOSED");
  assert.match(error.message, /no last line/);
  assert.equal(
    (await recordsOf(target.text)).map(({ kind }) => kind),
    ["header", "step"],
  );
});

test("bad arguments are refused", async () => {
  const optimizer = await make();
  const open = RunLedger.open as (...given: unknown[]) => Promise<RunLedger>;
  const cyclic: { self?: unknown } = {};
  cyclic.self = cyclic;
  let deep: unknown = 1;
  for (let level = 0; level < 33; level++) deep = [deep];
  const cases: [unknown[], typeof TypeError | typeof RangeError, RegExp][] = [
    [[new LedgerText(), {}], TypeError, /"optimizer" of RunLedger.open/],
    [[5, optimizer], TypeError, /"target" of RunLedger.open/],
    [[new LedgerText(), optimizer, { stride: 0 }], RangeError, /"stride".*1 to 65536, got 0/],
    [[new LedgerText(), optimizer, { stride: "4" }], TypeError, /"stride"/],
    [[new LedgerText(), optimizer, { steps: 4 }], TypeError, /"steps".*unknown key/],
    [[new LedgerText(), optimizer, { note: cyclic }], TypeError, /"note".*what JSON can hold/],
    [[new LedgerText(), optimizer, { note: () => 1 }], TypeError, /"note"/],
    [[new LedgerText(), optimizer, { note: deep }], RangeError, /"note".*32 levels/],
    [[new LedgerText(), optimizer, { append: true }], RangeError, /"append".*only files/],
    [[new LedgerText(), optimizer, { replay: true }], RangeError, /"replay".*a path/],
    [
      [new LedgerText(), optimizer, { replay: { seed: 1 } }],
      TypeError,
      /"replay".*seededGradients/,
    ],
    [[new URL("http://localhost/run"), optimizer], TypeError, /got a http: URL/],
  ];
  for (const [given, kind, message] of cases) {
    const error = await rejection(open(...given));
    assert.instance(error, kind, error.message);
    assert.match(error.message, message);
  }
  optimizer.dispose();
  assert.is(
    ((await rejection(open(new LedgerText(), optimizer))) as { code?: string }).code,
    "DISPOSED",
  );
});

test("engines are told apart", () => {
  const process = { versions: { node: "24.3.0" } };
  assert.is(engineName({ process, Bun: { version: "1.3.1" } }), "Bun 1.3.1");
  assert.is(engineName({ process, Deno: { version: { deno: "2.5.0" } } }), "Deno 2.5.0");
  assert.is(engineName({ process, navigator: { userAgent: "x" } }), "Node 24.3.0");
  assert.is(engineName({ navigator: { userAgent: "Gecko" } }), "Gecko");
  assert.is(engineName({}), "unknown");
});

test.run();
