import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { printable, show } from "../src/errors.ts";
import {
  AdamW,
  AdamWDL,
  DecoupledAdamW,
  MindFormersAdamW,
  readWeights,
  WeightAverage,
} from "../src/index.ts";
import { scheduleFromData } from "../src/schedules/index.ts";
import { inspectFile } from "../src/state/inspect/inspect-file.ts";
import { openSource } from "../src/state/sources/open-source.ts";
import { differingBits } from "./reference/bits.ts";
import {
  assertPlainText,
  assertUnpolluted,
  HOSTILE,
  INHERITED,
  STEERING,
} from "./reference/hostile.ts";
import { errorOf } from "./reference/transfers.ts";

// A parameter, a group or a key may be called as what every object has: it is a name like any other, and
// nothing gets it that did not ask for it.

const test = suite("hostile names");
test.after.each(() => assertUnpolluted("after a test"));

const NAMES = HOSTILE.filter((name) => name !== "");
const values = (i: number) => Float32Array.of(i, -1, 0.5);
const gradients = (k: number) =>
  Object.fromEntries(NAMES.map((name, i) => [name, Float32Array.of(0.1 * i, k, -1)]));
const parameters = () => Object.fromEntries(NAMES.map((name, i) => [name, values(i)]));
/** The same optimizer with names that mean nothing. */
const plain = NAMES.map((_, i) => `p${String(i).padStart(3, "0")}`);

/** The value of a key that the record has itself. */
const own = <Value>(record: Readonly<Record<string, Value>>, name: string): Value => {
  const value = Object.getOwnPropertyDescriptor(record, name);
  assert.ok(value, `no own ${JSON.stringify(name)}`);
  return value.value as Value;
};

type Input = Readonly<Record<string, Float32Array>>;
const MAKERS = {
  AdamW: [(input: Input) => new AdamW(input), AdamW],
  DecoupledAdamW: [(input: Input) => new DecoupledAdamW(input), DecoupledAdamW],
  MindFormersAdamW: [(input: Input) => new MindFormersAdamW(input), MindFormersAdamW],
  AdamWDL: [(input: Input) => new AdamWDL({ parameters: input, layerwiseDecay: 0.5 }), AdamWDL],
} as const;

for (const [className, [make, Class]] of Object.entries(MAKERS)) {
  test(`parameters of ${className} train, save and load as those of any name do`, async () => {
    const hostile = make(parameters());
    const usual = make(Object.fromEntries(NAMES.map((_, i) => [plain[i], values(i)])));
    for (let k = 0; k < 3; k++) {
      const given = gradients(k);
      hostile.step(given);
      usual.step(Object.fromEntries(NAMES.map((name, i) => [plain[i], own(given, name)])));
    }
    const loaded = await Class.load(await hostile.toBytes());
    assert.is(loaded.digest(), hostile.digest());
    for (const [i, name] of NAMES.entries()) {
      const expected = usual.parameter(plain[i]).master;
      for (const optimizer of [hostile, loaded]) {
        assert.is(differingBits(optimizer.parameter(name).master, expected), -1, name);
        assert.is(optimizer.parameter(name).step, 3);
      }
    }
    assertPlainText(String(hostile.describe()), "the table of parameters");
  });
}

test("records by name have each name as their own", async () => {
  const optimizer = new AdamW(
    NAMES.map((name, i) => ({ name, params: { [name]: values(i) }, lr: 0.01 * (i + 1) })),
  );
  optimizer.accumulate(gradients(1));
  optimizer.accumulate(gradients(2), { average: true });
  const { lr } = optimizer.step();
  optimizer.step(gradients(3), { metrics: true });
  const average = new WeightAverage(optimizer, { interleaveSteps: 1, merge: false });
  optimizer.step(gradients(4));
  average.update();
  const weights = average.average() ?? {};
  optimizer.setWeights(weights);
  average.restore(average.state());
  const metrics = optimizer.metrics() ?? {};
  const copies = Object.fromEntries(NAMES.map((name) => [name, new Float32Array(3)]));
  optimizer.copyTo(copies);
  const read = await readWeights(await optimizer.toBytes());
  for (const [i, name] of NAMES.entries()) {
    assert.is(own(lr, name), 0.01 * (i + 1));
    assert.is(own(metrics, `l2_norm/param/${name}`) > 0, true);
    const { master } = optimizer.parameter(name);
    for (const record of [weights, copies]) assert.is(differingBits(own(record, name), master), -1);
    assert.is(differingBits(own(read.parameters, name).data as Float32Array, master), -1);
    assert.is(optimizer.groups[i].name, name);
  }
  const { groups } = optimizer.describe();
  assert.equal(
    groups.map(({ name }) => name),
    NAMES,
  );
});

test("what every object has is no name that is known, and no option", async () => {
  const optimizer = new AdamW({ w: values(1) });
  for (const name of INHERITED) {
    for (const call of [
      () => optimizer.parameter(name),
      () => optimizer.gradient(name),
      () => optimizer.step(Object.fromEntries([[name, values(1)]])),
      () => optimizer.setWeights(Object.fromEntries([[name, values(1)]])),
      () => optimizer.copyTo(Object.fromEntries([[name, values(1)]])),
      () => new AdamW({ w: values(1) }, Object.fromEntries([[name, 1]])),
      () => new AdamW([{ params: { w: values(1) }, ...Object.fromEntries([[name, 1]]) }]),
      () => scheduleFromData({ name, options: {} }),
      () => scheduleFromData({ name: "linear", options: Object.fromEntries([[name, 1]]) }),
    ]) {
      const error = await errorOf(async () => call());
      assert.ok(error instanceof TypeError || error instanceof RangeError, `${call} ${name}`);
      // Not an accident of the engine's.
      assert.match(error.message, "expected", `${call} ${name}: ${error.message}`);
    }
  }
});

test("no attack on files adds to what objects inherit, or steers a terminal", async () => {
  const folder = "tests/attacks";
  const files = readdirSync(folder).filter((name) => name.endsWith(".safetensors"));
  assert.ok(files.length > 80);
  for (const file of files) {
    const bytes = readFileSync(join(folder, file));
    for (const load of [
      () => AdamW.load(bytes),
      () => readWeights(bytes),
      async () => inspectFile(await openSource(bytes)),
    ]) {
      try {
        await load();
      } catch (error) {
        assertPlainText((error as Error).message, file);
      }
      assertUnpolluted(file);
    }
  }
});

test("a file's metadata are its own keys and nothing else", async () => {
  const optimizer = new AdamW({ w: values(1) });
  const { header } = await inspectFile(await openSource(await optimizer.toBytes()));
  const metadata = header?.metadata ?? {};
  assert.is(Object.getPrototypeOf(metadata), null);
  assert.is(metadata.constructor, undefined);
});

test("messages show a name on one line, short, and in the order in which it stands", async () => {
  const optimizer = new AdamW({ w: values(1) });
  const error = await errorOf(async () => optimizer.parameter(STEERING));
  assertPlainText(error.message, "an unknown name");
  assert.match(error.message, "\\u001b[2J\\u001b]0;t\\u0007\\u009b31m\\u202egnp\\u2066\\u2028");
  const cases: readonly (readonly [value: unknown, shown: string])[] = [
    ["\u{e0041}", '"\\udb40\\udc41"'],
    [Symbol("a\x1b[2J"), "Symbol(a\\u001b[2J)"],
    [Object.defineProperty(() => 0, "name", { value: "a\x9b" }), "function a\\u009b"],
    [Object.defineProperty(() => 0, "name", { value: Symbol("a") }), "a function"],
    [() => 0, "a function"],
    [Object.create({ constructor: { name: "\u202e" } }), "a \\u202e"],
    [
      Object.defineProperty(new Uint8Array(2), "constructor", { value: { name: "\x1b" } }),
      "\\u001b of length 2",
    ],
    ["x".repeat(1e6), `"${"x".repeat(76)}...`],
    [{ constructor: { name: "y".repeat(1e6) } }, `a ${"y".repeat(77)}...`],
  ];
  for (const [value, shown] of cases) assert.is(show(value), shown);
  assert.is(printable("\ud800 \udc00"), "\ud800 \udc00");
});

test.run();
