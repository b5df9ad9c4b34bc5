import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  AdamW,
  AdamWDL,
  AshlarError,
  clipByGlobalNorm,
  DecoupledAdamW,
  dynamicLossScale,
  layerDecay,
  MindFormersAdamW,
} from "../src/index.ts";
import { differingBits } from "./reference/bits.ts";
import { realistic } from "./reference/patterns.ts";
import { rejection } from "./reference/rejection.ts";

const test = suite("parameters that come later");

const LENGTHS: Readonly<Record<string, number>> = { a: 9000, b: 7, c: 70_000, d: 1, e: 0 };
const spec = (name: string) => ({
  name,
  shape: [LENGTHS[name]],
  data: realistic(LENGTHS[name], name.charCodeAt(0)),
});
const gradients = (names: readonly string[], k: number) =>
  Object.fromEntries(names.map((name, i) => [name, realistic(LENGTHS[name], 10 * k + i)]));

test("a parameter that comes before others in memory cuts them elsewhere: all state comes along", async () => {
  // Two memories of a few blocks each; the one with amsgrad gets memories of its own.
  const options = { slabBytes: 2 ** 20, splitParameters: true };
  const first = { name: "first", shape: [9_000], data: realistic(9_000, 1) };
  const large = { name: "large", shape: [90_000], data: realistic(90_000, 2) };
  const grown = await AdamW.create([large], options);
  const whole = await AdamW.create([large, first], options);
  assert.ok(grown.parameter("large").parts.length > 1);
  const gradient = { large: realistic(90_000, 3) };
  for (const optimizer of [grown, whole]) optimizer.step(gradient);
  grown.addParameters([first]);
  assert.is(grown.digest(), whole.digest());
  for (const optimizer of [grown, whole]) optimizer.step(gradient);
  assert.is(grown.digest(), whole.digest());
});

for (const [title, options] of Object.entries({
  "float32, one memory": {},
  "small memories": { slabBytes: 2 ** 20 },
  "16-bit weights and gradients": {
    precision: { model: "float16", gradients: "bfloat16" } as const,
  },
  amsgrad: { amsgrad: true },
})) {
  test(`the others go on with their bits, the new ones begin: ${title}`, async () => {
    const common = { ...options, gradNorm: true, clip: clipByGlobalNorm(1) };
    const grown = await AdamW.create([spec("a"), spec("b")], common);
    const whole = await AdamW.create([spec("a"), spec("b"), spec("c"), spec("d")], common);
    const views = () => grown.parameter("a");
    for (let k = 0; k < 3; k++) {
      for (const optimizer of [grown, whole]) optimizer.step(gradients(["a", "b"], k));
    }
    const before = views();
    grown.addParameters([spec("c"), spec("d")]);
    assert.equal(grown.parameterNames, ["a", "b", "c", "d"]);
    assert.is(grown.digest(), whole.digest());
    assert.is(grown.configDigest(), whole.configDigest());
    assert.is(before.step, 3);
    for (let k = 3; k < 6; k++) {
      const reports = [grown, whole].map((optimizer) => optimizer.step(gradients(["a", "c"], k)));
      assert.is(reports[0].gradNorm, reports[1].gradNorm);
    }
    assert.is(grown.digest(), whole.digest());
    assert.is(grown.parameter("c").step, 3);
    const loaded = await AdamW.load(await grown.toBytes());
    assert.is(loaded.digest(), grown.digest());
    assert.is(loaded.configDigest(), grown.configDigest());
  });
}

test("gradients and sums of micro-batches that wait are carried over", async () => {
  const make = () => AdamW.create({ a: { shape: [9] }, s: { shape: [5, 2] } }, { lazy: true });
  const [grown, straight] = [await make(), await make()];
  for (const optimizer of [grown, straight]) {
    optimizer.step({ a: realistic(9, 1) });
    optimizer.accumulate({ a: realistic(9, 2), s: { rows: [3], values: realistic(2, 3) } });
  }
  grown.addParameters({ b: { shape: [3] } });
  for (const optimizer of [grown, straight]) {
    optimizer.accumulate({ a: realistic(9, 4), s: { rows: [1], values: realistic(2, 5) } });
    optimizer.step();
  }
  for (const name of ["a", "s"]) {
    const [x, y] = [grown, straight].map((optimizer) => optimizer.parameter(name));
    assert.is(differingBits(x.master, y.master), -1);
    assert.is(x.step, y.step);
  }
  assert.is(grown.parameter("b").step, 0);
});

test("addGroup: its own rates, checks as at creation, and a name of its own", async () => {
  const optimizer = await AdamW.create([{ name: "body", params: [spec("b")] }], {
    lr: 0.1,
    lossScale: dynamicLossScale(),
  });
  const report = optimizer.newReport();
  optimizer.step(gradients(["b"], 0), { report });
  optimizer.addGroup({ name: "head", params: [spec("d")], lr: 0.5, amsgrad: true });
  assert.equal(
    optimizer.groups.map(({ name, lr, amsgrad }) => [name, lr, amsgrad]),
    [
      ["body", 0.1, false],
      ["head", 0.5, true],
    ],
  );
  assert.is(optimizer.step(gradients(["b", "d"], 1), { report }), report);
  assert.equal(report.lr, { body: 0.1, head: 0.5 });
  optimizer.addGroup({ params: [spec("e")] });
  assert.is(optimizer.groups[2].name, "group2");
  const digest = optimizer.digest();
  const refused: [() => unknown, RegExp][] = [
    [() => optimizer.addGroup({ name: "head", params: [spec("c")] }), /a name that no other group/],
    [
      () => optimizer.addGroup({ params: [spec("b")] }),
      /"name" of group 3: expected a name that no/,
    ],
    [() => optimizer.addGroup({ params: [spec("c")], lr: -1 }), /"lr" of group 3/],
    [() => optimizer.addGroup({ params: {} }), /at least one parameter/],
    [() => optimizer.addGroup([] as never), /expected an object \{ params/],
    [
      () => optimizer.addParameters([spec("c")]),
      /"group" of addParameters: expected one of "body"/,
    ],
    [() => optimizer.addParameters([spec("c")], { group: "x" }), /expected one of "body", "head"/],
    [
      () => optimizer.addParameters([spec("b")], { group: "head" }),
      /no other parameter has, got "b"/,
    ],
  ];
  refused.push(
    [() => optimizer.addParameters({}, { group: "head" }), /at least one parameter, got none/],
    [() => optimizer.addParameters([spec("c"), spec("c")], { group: "head" }), /got "c"/],
  );
  for (const [call, message] of refused) assert.throws(call, message);
  assert.is(optimizer.digest(), digest);
  assert.is(optimizer.groups.length, 3);
  const loaded = await AdamW.load(await optimizer.toBytes());
  assert.is(loaded.configDigest(), optimizer.configDigest());
});

test("the rules are asked about the new ones; what they said of the others stays", async () => {
  let asked = 0;
  const optimizer = await AdamW.create(
    { "block.0.w": { shape: [2] }, head: { shape: [2] } },
    {
      decays: ({ name }) => {
        asked++;
        return asked <= 2 ? true : name.startsWith("block");
      },
      lrScale: layerDecay({
        rate: 0.5,
        layers: 2,
        layerOf: (name) => (name === "head" ? "head" : Number(name.split(".")[1])),
      }),
    },
  );
  optimizer.addParameters({ "block.1.w": { shape: [2] }, "block.0.b": { shape: [1] } });
  const said = optimizer.parameterNames.map((name) => {
    const { lrScale, decays } = optimizer.parameter(name);
    return [name, lrScale, decays];
  });
  assert.equal(said, [
    ["block.0.w", 0.25, true],
    ["head", 1, true],
    ["block.1.w", 0.5, true],
    ["block.0.b", 0.25, true],
  ]);
});

test("the named optimizers: one count of steps, initialLr, layers by name", async () => {
  const mind = await MindFormersAdamW.create({ a: { shape: [2] } });
  mind.step({ a: realistic(2, 1) });
  mind.addGroup({ params: { b: { shape: [2] } }, lr: 0.5 });
  mind.addParameters({ c: { shape: [1] } }, { group: "group1" });
  assert.equal(mind.parameterNames, ["a", "b", "c"]);
  assert.is(mind.parameter("b").step, 1, "one count for all");
  mind.step([realistic(2, 2), realistic(2, 3), realistic(1, 4)]);
  assert.equal((await MindFormersAdamW.load(await mind.toBytes())).parameterNames, ["a", "b", "c"]);

  const decoupled = await DecoupledAdamW.create(
    { a: { shape: [2] } },
    { lr: (k) => 0.1 / (k + 1), initialLr: 0.1 },
  );
  decoupled.addGroup({ params: { b: { shape: [2] } }, lr: (k) => 0.2 / (k + 1) });
  assert.is(decoupled.groups[1].initialLr, 0.1, "the optimizer's option");

  const layered = await AdamWDL.create({
    parameters: { "encoder.layers.0.w": { shape: [2] } },
    layerwiseDecay: 0.5,
    nLayers: 2,
  });
  layered.addParameters({ "encoder.layers.1.w": { shape: [2] } });
  assert.is(layered.parameter("encoder.layers.1.w").lrScale, 0.5);
});

test("with threads too, and refused while something else is going on", async () => {
  const optimizer = await AdamW.create([spec("a")], { threads: 2 });
  const alone = await AdamW.create([spec("a"), spec("c")]);
  optimizer.addParameters([spec("c")]);
  for (const each of [optimizer, alone]) each.step(gradients(["a", "c"], 1));
  assert.is(optimizer.digest(), alone.digest());
  const saving = optimizer.toBytes();
  assert.throws(
    () => optimizer.addParameters([spec("d")]),
    (error: unknown) => error instanceof AshlarError && error.code === "BUSY",
  );
  await saving;
  optimizer.dispose();
  assert.throws(
    () => optimizer.addParameters([spec("d")]),
    (error: unknown) => (error as AshlarError).code === "DISPOSED",
  );
  // That it is disposed of is said before anything about the arguments.
  for (const call of [
    () => optimizer.addParameters({}, { group: "not there" }),
    () => optimizer.addGroup({ params: {}, lr: -1 }),
  ]) {
    assert.throws(call, (error: unknown) => (error as AshlarError).code === "DISPOSED");
  }
  assert.is((await rejection(optimizer.toBytes())).name, "AshlarError");
  alone.dispose();
});

test("parameters that are cut over several memories are carried over whole", () => {
  const options = {
    slabBytes: 1_048_576,
    precision: { model: "bfloat16", gradients: "float16" },
  } as const;
  const optimizer = new AdamW({ w: { shape: [150_000] } }, options);
  optimizer.step({ w: Float32Array.from({ length: 150_000 }, (_, i) => i % 977) });
  assert.ok(optimizer.parameter("w").parts.length > 2);
  const before = optimizer.parameterDigests().get("w");
  optimizer.addParameters({ v: { shape: [70_000] } });
  assert.is(optimizer.parameterDigests().get("w"), before);
});

test.run();
