import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  heldOutFiles,
  readClass,
  restoreClasses,
  saveClasses,
  trainingFiles,
} from "../examples/browser/engine/classes.ts";
import { smallCorpus, TestSession } from "./reference/browser-session.ts";

// Classes of the user's own.

const test = suite("browser example: own classes");

const encoder = new TextEncoder();
const filesOf = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    name: `words-${i}.fs`,
    bytes: encoder.encode(
      `: square-${i} ( n -- n ) dup * ;\n${i} square-${i} . cr\n`.repeat(12 + i),
    ),
  }));

const named = (length: number) => ({ name: "a.fs", bytes: new Uint8Array(length) });

test("bad names and files are refused, each by its own sentence", () => {
  const cases: [unknown, ReturnType<typeof filesOf>, ErrorConstructor, RegExp][] = [
    ["", filesOf(1), RangeError, /class name: expected a name, got nothing/],
    ["  \n", filesOf(1), RangeError, /class name: expected a name, got nothing/],
    ["x".repeat(41), filesOf(1), RangeError, /class name: expected at most 40 characters, got 41/],
    ["py", filesOf(1), RangeError, /class name: expected a new one, got "py"/],
    [" py ", filesOf(1), RangeError, /class name: expected a new one, got "py"/],
    [7, filesOf(1), TypeError, /class name: expected text, got number/],
    ["forth", [], RangeError, /files: expected 1 to 1000, got 0/],
    ["forth", filesOf(1001), RangeError, /files: expected 1 to 1000, got 1001/],
    ["forth", [named(1)], RangeError, /file "a\.fs": expected 2 bytes or more, got 1/],
    [
      "forth",
      [named(2 ** 25 + 1)],
      RangeError,
      /files: expected at most 33554432 bytes in all, got/,
    ],
  ];
  for (const [name, files, kind, message] of cases) {
    assert.throws(
      () => readClass(name as string, files, ["py", "rs"]),
      (error: Error) => error instanceof kind && message.test(error.message),
    );
  }
});

test("every fourth file is held out, and few files are drawn as often as many", () => {
  for (const [count, heldOut, drawn] of [
    ...[[1, 0, 24] as const, [2, 1, 24] as const, [3, 1, 24] as const, [9, 2, 28] as const],
    [40, 10, 30] as const,
  ]) {
    const own = readClass("forth", filesOf(count), []);
    const train = trainingFiles(own);
    assert.is(heldOutFiles(own).length, heldOut, `${count} files`);
    assert.is(train.length, drawn, `${count} files`);
    assert.is(new Set(train).size, count - heldOut, `${count} files`);
    assert.not(train.some((file) => heldOutFiles(own).includes(file)));
  }
});

test("saved classes come back, and other bytes don't", () => {
  const classes = [readClass("forth", filesOf(3), []), readClass("second", filesOf(2), [])];
  const { saved, bytes } = saveClasses(classes);
  assert.equal(restoreClasses(JSON.parse(JSON.stringify(saved)), bytes, ["py"]), classes);
  const longer = new Uint8Array(bytes.length + 1);
  assert.throws(() => restoreClasses(saved, longer, []), /added files: expected \d+ bytes, got/);
  assert.throws(() => restoreClasses(saved, bytes, ["second"]), /got "second", which there is/);
});

test("a session learns a class of the user's own, and takes it along in its file", async () => {
  const corpus = smallCorpus();
  const session = await TestSession.open(corpus);
  const files = filesOf(9).map(({ name, bytes }) => ({ name, bytes: bytes.slice().buffer }));
  await session.tell({ type: "addClass", name: " forth ", files });
  const classes = session.find("classes");
  assert.equal(
    classes?.added.map(({ name, trainFiles, heldOutFiles }) => [name, trainFiles, heldOutFiles]),
    [["forth", 7, 2]],
  );
  assert.ok(corpus.model.languages.includes(classes?.added[0].twin ?? ""));
  assert.equal(classes?.newLanguages, ["solidity", "svelte", "assemblyscript", "forth"]);
  await session.tell({ type: "start", threads: 1, seed: 1, steps: 30, plainJs: false });
  const saved = await session.saveAfter(15);
  await session.tell({ type: "resume" });
  const { digest, expectedDigest } = await session.until("done");
  assert.is(expectedDigest, null);

  const other = await TestSession.open(corpus);
  await other.tell({ type: "load", file: saved.blob, threads: 1 });
  assert.equal(other.find("classes")?.added, classes?.added);
  await other.tell({ type: "resume" });
  assert.is((await other.until("done")).digest, digest);
  const [, test] = other.said.filter((one) => one.type === "evaluated" && one.step === 30);
  assert.equal(
    test.type === "evaluated" && test.byLanguage.find(({ language }) => language === "forth"),
    { language: "forth", isNew: true, right: 2, total: 2 },
  );
  await other.tell({ type: "reset" });
  await other.tell({ type: "removeClass", name: "forth" });
  assert.equal(other.find("classes")?.added, []);
  assert.is(other.find("classes")?.languages.length, 57);
});

test.run();
