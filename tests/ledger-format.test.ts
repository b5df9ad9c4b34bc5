import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamW } from "../src/index.ts";
import { type CutRecord, type HeaderRecord, LedgerError } from "../src/ledger/format.ts";
import { seededGradients } from "../src/ledger/seeded-gradients.ts";
import { type Unnumbered, writeLine } from "../src/ledger/write-line.ts";
import { ledgerOf, recordsOf } from "./reference/ledger.ts";
import { xorshift32 } from "./reference/random.ts";
import { rejection } from "./reference/rejection.ts";

const test = suite("ledger: format");

/** Six lines: header, step, step without "b", parameters, step, end. */
async function sample(): Promise<string[]> {
  const optimizer = await AdamW.create(
    { a: Float32Array.of(1, 2), b: Float32Array.of(3) },
    { gradNorm: true },
  );
  const replay = seededGradients({ seed: 3 });
  const { text } = await ledgerOf(
    optimizer,
    () => {
      optimizer.step();
      optimizer.step({ a: Float32Array.of(1, 2) });
      optimizer.addParameters({ c: Float32Array.of(9) });
      optimizer.step();
    },
    { note: { who: "a test" }, replay },
  );
  return text.split("\n").slice(0, -1);
}

const lines = await sample();
const textOf = (changed: readonly string[]) => changed.map((line) => `${line}\n`).join("");

// biome-ignore lint/suspicious/noExplicitAny: damage knows no types
type Changed = any;

/** The sample with one line changed as an object. */
function withLine(index: number, change: (line: Record<string, Changed>) => unknown): string {
  const line = JSON.parse(lines[index]);
  change(line);
  return textOf(lines.with(index, JSON.stringify(line)));
}

test("what is written is read, and written again the same", async () => {
  const records = await recordsOf(textOf(lines));
  assert.equal(
    records.map(({ kind }) => kind),
    ["header", "step", "step", "parameters", "step", "end"],
  );
  records.forEach((record, index) => {
    assert.is(record.line, index + 1);
    assert.is(writeLine(record as Unnumbered), lines[index]);
  });
  const { replay, note } = records[0] as HeaderRecord;
  const generator = { generator: "ashlar-xorshift32", version: 1, seed: 3, scale: 0.01 };
  assert.equal(replay, { start: null, gradients: generator });
  assert.equal(note, { who: "a test" });
});

test("a last line that broke off is a record of its own, wherever it did", async () => {
  const bytes = new TextEncoder().encode(textOf(lines));
  const first = lines[0].length + 1;
  const begins = lines.map((_, index) => textOf(lines.slice(0, index)).length);
  for (let length = 0; length < bytes.length; length++) {
    const part = bytes.subarray(0, length);
    if (length < first - 1) {
      assert.instance(await rejection(recordsOf(part)), LedgerError, `${length}`);
      continue;
    }
    const whole = begins.filter((begin) => begin > 0 && begin <= length).length;
    const rest = begins.includes(length) ? 0 : 1;
    // All but the newline: nothing is missing.
    const complete = begins.includes(length + 1) || length === bytes.length - 1;
    const records = await recordsOf(part);
    assert.is(records.length, Math.max(1, whole + rest), `${length}`);
    const last = records.at(-1) as CutRecord;
    assert.is(last.kind === "cut", rest === 1 && !complete, `${length}`);
  }
});

test("a run that was taken up again goes on after a line that broke off", async () => {
  const resumed = JSON.stringify({ ...JSON.parse(lines[0]), resumed: true, step: 1 });
  const cut = lines[2].slice(0, 40);
  // Also from a checkpoint of before: steps come again.
  const text = textOf([lines[0], lines[1], lines[2], cut, resumed, lines[2]]);
  assert.equal(
    (await recordsOf(text)).map(({ kind, line }) => `${kind} ${line}`),
    ["header 1", "step 2", "step 3", "cut 4", "header 5", "step 6"],
  );
  const after = await recordsOf(textOf([...lines, resumed, lines[2]]));
  assert.is(after.length, 8);
  assert.is((after[6] as HeaderRecord).resumed, true);
});

const zeros = "0".repeat(64);
const DAMAGE: Record<string, [string, RegExp]> = {
  "an empty file": ["", /^run: expected a run ledger, got an empty file$/],
  "other text": ["hello\n", /^line 1 of run: expected JSON, got other text$/],
  "a number": ["5\n", /^line 1 of run: expected an object, got 5$/],
  "other JSON": ["{}\n", /^"ashlar" of line 1 of run: expected "run"/],
  "a line without a header": [textOf(lines.slice(1)), /"ashlar" of line 1 of run/],
  "a header of another kind": [
    withLine(0, (line) => Object.assign(line, { ashlar: "walk" })),
    /"ashlar".*got "walk"/,
  ],
  "a newer version": [
    withLine(0, (line) => Object.assign(line, { version: 2 })),
    /"version".*at most 1, got 2/,
  ],
  "an unknown key": [
    withLine(1, (line) => Object.assign(line, { speed: 2 })),
    /key "speed" of line 2/,
  ],
  "a missing key": [withLine(0, (line) => delete line.engine), /"engine" of line 1.*got nothing/],
  "a bad digest": [
    withLine(0, (line) => Object.assign(line, { config: "00" })),
    /"config".*64 hex/,
  ],
  "no shape": [
    withLine(0, ({ parameters }) => delete parameters[0].shape),
    /"shape" of "parameters\[0\]" of line 1/,
  ],
  "a path in the replay": [
    withLine(0, (line) =>
      Object.assign(line, { replay: { start: "../../etc/x", gradients: "g" } }),
    ),
    /"start" of "replay" of line 1.*a file beside the ledger, got "\.\.\/\.\.\/etc\/x"/,
  ],
  "another generator": [
    withLine(0, ({ replay }) => Object.assign(replay.gradients, { generator: "mersenne" })),
    /"generator" of "gradients" of "replay".*got "mersenne"/,
  ],
  "a deep note": [
    textOf(
      lines.with(0, lines[0].replace('{"who":"a test"}', `${"[".repeat(200)}${"]".repeat(200)}`)),
    ),
    /"note" of line 1.*at most 32 levels/,
  ],
  "a second header": [textOf([lines[0], lines[0]]), /^line 2 of run: .*got that of a new one/],
  "a resumed one first": [
    withLine(0, (line) => Object.assign(line, { resumed: true })),
    /^line 1 of run: .*resumed/,
  ],
  "a step that is missing": [
    textOf([lines[0], lines[2]]),
    /^line 2 of run: expected step 1, got 2$/,
  ],
  "a step again": [
    textOf([lines[0], lines[1], lines[1]]),
    /^line 3 of run: expected step 2, got 1$/,
  ],
  "text between lines": [textOf([lines[0], "hm", lines[1]]), /^line 2 of run: expected JSON/],
  "two lines of text": [
    textOf([lines[0], "hm", "hm", lines[0]]),
    /^line 4 of run: expected a step, or the header of a resumed run, got that of a new one/,
  ],
  "something after the end": [
    textOf([...lines, lines[4]]),
    /^line 7 of run: expected nothing after the end/,
  ],
  "an lr that is no number": [
    withLine(1, (line) => Object.assign(line, { lr: { default: "1" } })),
    /"default" of "lr" of line 2/,
  ],
  "a total that is not that of its list": [
    withLine(1, (line) => Object.assign(line, { state: zeros.slice(48) })),
    /"state" of line 2 of run: expected [0-9a-f]{16}, the total of "states", got 0{16}/,
  ],
  "a list of another length": [
    withLine(4, (line) => Object.assign(line, { states: JSON.parse(lines[1]).states })),
    /"states" of line 5 of run: expected base64 of 3 uint64/,
  ],
  "absent out of order": [
    withLine(2, (line) => Object.assign(line, { absent: [1, 1] })),
    /"absent" of line 3/,
  ],
  "absent of no parameter": [
    withLine(2, (line) => Object.assign(line, { absent: [2] })),
    /"absent" of line 3/,
  ],
  "a norm in words": [
    withLine(1, (line) => Object.assign(line, { norm: "much" })),
    /"norm" of line 2/,
  ],
};

for (const [name, [text, message]] of Object.entries(DAMAGE)) {
  test(`refused: ${name}`, async () => {
    const error = await rejection(recordsOf(text));
    assert.instance(error, LedgerError);
    assert.match(error.message, message);
    const [, line] = /line (\d+)/.exec(error.message) ?? ["", "0"];
    assert.is((error as LedgerError).line, Number(line));
  });
}

test("bytes that are flipped are refused or read, and nothing else is thrown", async () => {
  const bytes = new TextEncoder().encode(textOf(lines));
  const next = xorshift32(0x51ab3a77);
  let refused = 0;
  for (let round = 0; round < 1_500; round++) {
    const damaged = bytes.slice();
    damaged[next() % bytes.length] ^= 1 << (next() % 8);
    await recordsOf(damaged).catch((error) => {
      assert.instance(error, LedgerError);
      refused++;
    });
  }
  assert.ok(refused > 1_000, `${refused}`);
});

test("names of objects' own members are names like any other", async () => {
  const optimizer = await AdamW.create([
    { params: { ["__proto__"]: Float32Array.of(1) }, name: "__proto__", lr: 0.5 },
  ]);
  const { records } = await ledgerOf(optimizer, () => optimizer.step(), {
    note: JSON.parse('{"__proto__":{"x":1}}'),
  });
  const [header, step] = records;
  if (header.kind !== "header" || step.kind !== "step") throw new Error("other records");
  assert.is(Object.getPrototypeOf(step.lr), null);
  assert.equal(Object.entries(step.lr), [["__proto__", 0.5]]);
  assert.is(header.parameters[0].name, "__proto__");
  assert.equal(Object.keys(header.note as object), ["__proto__"]);
  assert.is(({} as { x?: number }).x, undefined);
});

test("a line that is too long is refused before it is read", async () => {
  let left = 2 ** 27 + 1;
  const error = await rejection(
    (async () => {
      const { readLedger } = await import("../src/ledger/read-ledger.ts");
      const endless = {
        size: null,
        read: async (into: Uint8Array) => {
          const count = Math.min(left, into.length);
          left -= count;
          into.fill(0x20, 0, count);
          return count;
        },
        skip: async () => 0,
        close: async () => {},
      };
      for await (const _ of readLedger(endless, "run"));
    })(),
  );
  assert.match(error.message, /^line 1 of run: expected at most 134217728 bytes, got more$/);
});

test.run();
