import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamWDL, type AdamWDLOptions, layerwiseLrDecay } from "../src/index.ts";
import { warningsOf } from "./reference/refused.ts";

// A layer decay that finds no layer would train every layer at the full rate, in silence.

const test = suite("AdamWDL warning");

const named = (...names: string[]) => names.map((name) => ({ name, shape: [2] }));
const warningsFor = (parameters: AdamWDLOptions["parameters"], options: Partial<AdamWDLOptions>) =>
  warningsOf(() => {
    const optimizer = new AdamWDL({ parameters, ...options });
    optimizer.step(
      Object.fromEntries(optimizer.parameterNames.map((name) => [name, Float32Array.of(1, 2)])),
    );
  });
const warning = (rate: number, example: string) =>
  `ashlar: "layerwiseDecay" of the options is ${rate}, but its rule finds no layer: it looks for ` +
  `"encoder.layers.N" in names such as "${example}". Give nameDict or setParamLrFun, or use AdamW ` +
  "with lrScale: layerDecay({ rate, layerOf: families.bert }) or another family";

const HUGGING_FACE = [
  "bert.embeddings.word_embeddings.weight",
  "bert.encoder.layer.0.output.dense.weight",
  "classifier.weight",
];
const DYNAMIC = ["linear_0.w_0", "linear_1.w_0"];

test("warns once where no name is an encoder layer's, with an example", () => {
  assert.equal(warningsFor(named(...HUGGING_FACE), { layerwiseDecay: 0.8 }), [
    warning(0.8, "bert.encoder.layer.0.output.dense.weight"),
  ]);
  assert.equal(warningsFor(named(...DYNAMIC), { layerwiseDecay: [0.5], nLayers: 2 }), [
    warning(0.5, "linear_0.w_0"),
  ]);
  const rule = { layerwiseDecay: 1.25, setParamLrFun: layerwiseLrDecay };
  assert.equal(warningsFor({ head: new Float32Array(2) }, rule), [warning(1.25, "head")]);
  assert.equal(warningsFor(named("embedding.weight"), { layerwiseDecay: 0.8 }), [
    warning(0.8, "embedding.weight"),
  ]);
});

test("the example is a static name", () => {
  const nameDict = { "linear_0.w_0": "pooler.weight", "linear_1.w_0": "classifier.weight" };
  assert.equal(warningsFor(named(...DYNAMIC), { layerwiseDecay: 0.8, nameDict }), [
    warning(0.8, "pooler.weight"),
  ]);
});

const QUIET: [why: string, names: string[], options: Partial<AdamWDLOptions>][] = [
  ["one layer is found", ["encoder.layers.0.weight", "head"], { layerwiseDecay: 0.8 }],
  [
    "nameDict has a layer",
    DYNAMIC,
    {
      layerwiseDecay: 0.8,
      nameDict: { "linear_0.w_0": "encoder.layers.3.weight", "linear_1.w_0": "head" },
    },
  ],
  ["the rate is 1", HUGGING_FACE, { layerwiseDecay: 1 }],
  ["there is no rate", HUGGING_FACE, {}],
  ["setParamLrFun is null", HUGGING_FACE, { layerwiseDecay: 0.8, setParamLrFun: null }],
  ["the rule is the caller's", HUGGING_FACE, { layerwiseDecay: 0.8, setParamLrFun: () => 1 }],
];

for (const [why, names, options] of QUIET) {
  test(`is quiet where ${why}`, () => assert.equal(warningsFor(named(...names), options), []));
}

test.run();
