import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  AdamW,
  AdamWDL,
  AshlarError,
  DecoupledAdamW,
  dynamicLossScale,
  MindFormersAdamW,
  type Optimizer,
  type ParameterView,
  type ParamGroup,
  staticLossScale,
} from "../src/index.ts";
import { assertEveryMember, assertRefusedLater, type DisposedRow } from "./reference/misuse.ts";

// P21: every public member of every class, used after dispose. A member that has no row fails the
// first test of its class.

const test = suite("misuse: after dispose");

const w = () => ({ w: Float32Array.of(1, 2, 3, 4) });
const gradients = () => ({ w: Float32Array.of(1, 1, 1, 1) });

const OF_EACH: DisposedRow<Optimizer>[] = [
  ["groups", (o) => o.groups[0].lr, "readable"],
  ["steps", (o) => o.steps, "readable"],
  ["lossScale", (o) => o.lossScale, "readable"],
  ["loadReport", (o) => o.loadReport, "readable"],
  ["parameterNames", (o) => o.parameterNames, "readable"],
  ["describe", (o) => `${o.describe()}`, "readable"],
  ["newReport", (o) => o.newReport(), "readable"],
  ["dispose", (o) => o.dispose(), "readable"],
  ["bytes", (o) => o.bytes, "refused"],
  ["threads", (o) => o.threads, "refused"],
  ["parameter", (o) => o.parameter("w"), "refused"],
  ["gradient", (o) => o.gradient("w"), "refused"],
  ["gradient16", (o) => o.gradient16("w"), "refused"],
  ["groupGradients", (o) => o.groupGradients("default"), "refused"],
  ["zeroGradients", (o) => o.zeroGradients(), "refused"],
  ["step", (o) => o.step(), "refused"],
  ["step", (o) => o.step(gradients()), "refused"],
  ["step", (o) => o.step(() => assert.unreachable("the closure is not called")), "refused"],
  ["stepAsync", (o) => o.stepAsync(() => assert.unreachable("nor is this")), "refused"],
  ["accumulate", (o) => o.accumulate(gradients()), "refused"],
  ["metrics", (o) => o.metrics(), "refused"],
  ["copyTo", (o) => o.copyTo({}), "refused"],
  ["setWeights", (o) => o.setWeights(gradients()), "refused"],
  ["addParameters", (o) => o.addParameters({ v: new Float32Array(1) }), "refused"],
  // What every class with groups calls, which anything may call in JavaScript.
  [
    "addOneGroup",
    (o) =>
      (o as unknown as { addOneGroup(group: object, read: () => ParamGroup): void }).addOneGroup(
        { params: { v: new Float32Array(1) } },
        () => o.groups[0],
      ),
    "refused",
  ],
  ["save", (o) => o.save(new WritableStream()), "refused"],
  ["toBytes", (o) => o.toBytes(), "refused"],
  ["toBlob", (o) => o.toBlob(), "refused"],
  ["digest", (o) => o.digest(), "refused"],
  ["parameterDigests", (o) => o.parameterDigests(), "refused"],
  ["weightsDigest", (o) => o.weightsDigest(), "refused"],
  ["configDigest", (o) => o.configDigest(), "refused"],
];

const addGroup: DisposedRow<Optimizer> = [
  "addGroup",
  (o) => (o as AdamW).addGroup({ params: { v: new Float32Array(1) } }),
  "refused",
];

interface Family {
  readonly made: { readonly prototype: Optimizer };
  readonly make: () => Optimizer;
  readonly rows: readonly DisposedRow<Optimizer>[];
}

const FAMILY: Readonly<Record<string, Family>> = {
  AdamW: { made: AdamW, make: () => new AdamW(w()), rows: [...OF_EACH, addGroup] },
  AdamWDL: {
    made: AdamWDL,
    make: () => new AdamWDL({ parameters: w() }),
    rows: OF_EACH,
  },
  MindFormersAdamW: {
    made: MindFormersAdamW,
    make: () => new MindFormersAdamW(w()),
    rows: [
      ...OF_EACH,
      addGroup,
      ["step", (o) => (o as MindFormersAdamW).step([gradients().w]), "refused"],
      ["accumulate", (o) => (o as MindFormersAdamW).accumulate([gradients().w]), "refused"],
    ],
  },
  DecoupledAdamW: {
    made: DecoupledAdamW,
    make: () => new DecoupledAdamW(w()),
    rows: [
      ...OF_EACH,
      addGroup,
      [
        "reportPerParameterMetrics",
        (o) => (o as DecoupledAdamW).reportPerParameterMetrics("w"),
        "refused",
      ],
      // They only read what they are given.
      ["preReduceMetrics", (o) => (o as DecoupledAdamW).preReduceMetrics({}), "readable"],
      [
        "distReduceMetrics",
        (o) => (o as DecoupledAdamW).distReduceMetrics({}, async (values) => values),
        "readable",
      ],
    ],
  },
};

for (const [className, { made, make, rows }] of Object.entries(FAMILY)) {
  test(`${className}: each public member has a row`, () => assertEveryMember(rows, made.prototype));
  const message = `the ${className} optimizer: expected to be in use, got disposed`;
  for (const [index, [member, use, then]] of rows.entries()) {
    test(`${className}, disposed: ${member} is ${then} (row ${index + 1})`, async () => {
      const optimizer = make();
      optimizer.step(gradients());
      const living =
        then === "readable" ? await use(optimizer.step(gradients()) && optimizer) : null;
      optimizer.dispose();
      optimizer.dispose();
      if (then === "readable") {
        const got = await use(optimizer);
        if (member !== "dispose") assert.equal(got, living, "as before");
      } else await assertRefusedLater(() => use(optimizer), AshlarError, message, "DISPOSED");
    });
  }
}

const OF_VIEWS: DisposedRow<ParameterView>[] = [
  ...(["name", "shape", "length", "group", "layer", "lrScale", "decays", "step"] as const).map(
    (key): DisposedRow<ParameterView> => [key, (view) => view[key], "readable"],
  ),
  ...(
    [
      ...["master", "gradient16", "expAvg", "expAvgSq", "maxExpAvgSq", "model", "parts"],
      "modelFloat16",
    ] as const
  ).map(
    (key): DisposedRow<ParameterView> => [
      key as string,
      (view) => view[key as keyof ParameterView],
      "refused",
    ],
  ),
  // TypeError while 16-bit gradients are on, disposed or not.
  ["gradient", () => {}, "readable"],
];

const OPTIONS = { amsgrad: true, precision: { model: "float16", gradients: "float16" } } as const;

test("ParameterView: each public member has a row", () => {
  const view = new AdamW(w(), OPTIONS).parameter("w");
  assertEveryMember(OF_VIEWS, Object.getPrototypeOf(view));
});

for (const [member, use, then] of OF_VIEWS) {
  test(`ParameterView of a disposed optimizer: ${member} is ${then}`, async () => {
    const optimizer = new AdamW(w(), OPTIONS);
    const view = optimizer.parameter("w");
    const living = use(view);
    optimizer.dispose();
    const noSuchArray = member === "modelFloat16" && !("Float16Array" in globalThis);
    if (then === "readable" || noSuchArray) assert.equal(use(view), living);
    else {
      const message = "the AdamW optimizer: expected to be in use, got disposed";
      await assertRefusedLater(() => use(view), AshlarError, message, "DISPOSED");
    }
  });
}

test("a float32 gradient's view is refused too", async () => {
  const optimizer = new AdamW(w());
  const view = optimizer.parameter("w");
  optimizer.dispose();
  const message = "the AdamW optimizer: expected to be in use, got disposed";
  await assertRefusedLater(() => view.gradient, AshlarError, message, "DISPOSED");
});

const OF_GROUPS: [member: keyof ParamGroup, assign: ((group: ParamGroup) => void) | null][] = [
  ["lr", (group) => Object.assign(group, { lr: 0.5 })],
  ["weightDecay", (group) => Object.assign(group, { weightDecay: 0.5 })],
  ["betas", (group) => Object.assign(group, { betas: [0.5, 0.5] })],
  ["eps", (group) => Object.assign(group, { eps: 0.5 })],
  ["restore", (group) => group.restore({ lr: 0.25, own: [] })],
  ...(["where", "initialLr", "own", "amsgrad", "lrScale", "centralize"] as const).map(
    (key): [keyof ParamGroup, null] => [key, null],
  ),
  ...(["clip", "beta1", "beta2"] as const).map((key): [keyof ParamGroup, null] => [key, null]),
];

test("ParamGroup: each public member has a row", () => {
  assertEveryMember(OF_GROUPS, Object.getPrototypeOf(new AdamW(w()).groups[0]));
});

test("the groups of a disposed optimizer are configuration: they can be read and assigned", () => {
  const optimizer = new AdamW(w());
  optimizer.dispose();
  const [group] = optimizer.groups;
  const before = OF_GROUPS.map(([member]) => group[member]);
  for (const [, assign] of OF_GROUPS) assign?.(group);
  assert.is(group.lr, 0.25);
  assert.equal(group.betas, [0.5, 0.5]);
  assert.is(before.length, OF_GROUPS.length);
});

const OF_LOSS_SCALES = [["scale"], ["update"], ["state"], ["restore"]] as const;

for (const [kind, make] of [
  ["static", () => staticLossScale(2)],
  ["dynamic", () => dynamicLossScale({ initialScale: 2 })],
] as const) {
  test(`a ${kind} loss scale is the caller's: it lives on, and serves another optimizer`, () => {
    const lossScale = make();
    assertEveryMember(OF_LOSS_SCALES, Object.getPrototypeOf(lossScale));
    const optimizer = new AdamW(w(), { lossScale });
    optimizer.step(gradients());
    optimizer.dispose();
    const state = lossScale.state();
    lossScale.update(false);
    lossScale.restore(state);
    assert.is(lossScale.scale, 2);
    assert.equal(lossScale.state(), state);
    const next = new AdamW(w(), { lossScale });
    assert.is(next.step(gradients()).lossScale, 2);
    next.dispose();
  });
}

test.run();
