import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  AdamW,
  type Clip,
  clipAdaptive,
  clipByGlobalNorm,
  clipByNorm,
  clipByValue,
  cosineWithWarmup,
  families,
  layerDecay,
  noDecayOnBiasAndNorm,
} from "../src/index.ts";

const test = suite("describe");

const bert = () => ({
  "bert.embeddings.word_embeddings.weight": { shape: [10, 4] },
  "bert.encoder.layer.0.attention.self.query.weight": { shape: [4, 4] },
  "bert.encoder.layer.1.output.LayerNorm.weight": { shape: [4] },
  "bert.encoder.layer.1.output.dense.bias": { shape: [4] },
  "classifier.weight": { shape: [2, 4] },
  "temperature\u001b[31m": { shape: [] },
});
const make = () =>
  new AdamW(
    [
      {
        params: bert(),
        name: "model",
        lr: cosineWithWarmup({ peak: 5e-4, warmupSteps: 1, totalSteps: 9 }),
      },
      { params: { extra: new Float32Array(3) }, name: "extra", lr: 0.5, amsgrad: true, lrScale: 2 },
    ],
    {
      decays: noDecayOnBiasAndNorm,
      lrScale: layerDecay({ rate: 0.8, layerOf: families.bert }),
    },
  );

test("the table shows who gets what, and lists the names that the rule does not know", () => {
  const text = make().describe().toString();
  assert.ok(text.startsWith("AdamW: 7 parameters, 76 elements\n"));
  const row = (start: string) => text.split("\n").find((line) => line.startsWith(start));
  const cells = (start: string) => row(start)?.split(/ {2,}/).slice(1);
  assert.equal(cells("model "), [
    "cosineWithWarmup(peak 0.0005, warmupSteps 1, totalSteps 9, floor 0, start 0)",
    "0.01",
    "0.9, 0.999",
    "1e-8",
    "no",
  ]);
  assert.equal(cells("bert.embeddings"), ["[10, 4]", "model", "0", "0.512", "yes"]);
  assert.equal(cells("bert.encoder.layer.0"), ["[4, 4]", "model", "1", "0.64", "yes"]);
  assert.equal(cells("bert.encoder.layer.1.output.LayerNorm"), ["[4]", "model", "2", "0.8", "no"]);
  assert.equal(cells("bert.encoder.layer.1.output.dense.bias"), ["[4]", "model", "2", "0.8", "no"]);
  assert.equal(cells("classifier"), ["[2, 4]", "model", "3", "1", "yes"]);
  assert.equal(cells("extra  "), ["0.5", "0.01", "0.9, 0.999", "1e-8", "yes"]);
  assert.match(
    text,
    /\nThe layer rule does not know \(lr scale 1\): temperature\\u001b\[31m, extra$/,
  );
  assert.not(text.includes("\u001b"));
});

test("the same as data", () => {
  const { className, groups, parameters, unmatched } = make().describe();
  assert.is(className, "AdamW");
  assert.is(groups[1].lr, 0.5);
  assert.equal(groups[0].lr, {
    name: "cosineWithWarmup",
    options: { peak: 5e-4, warmupSteps: 1, totalSteps: 9, floor: 0, start: 0 },
  });
  assert.equal(parameters[4], {
    name: "classifier.weight",
    shape: [2, 4],
    group: "model",
    layer: 3,
    lrScale: 1,
    decays: true,
  });
  assert.equal(unmatched, ["temperature\u001b[31m", "extra"]);
  assert.is(parameters[6].lrScale, 2, "a group's lrScale multiplies the rule's");
});

/** The lines of the table of groups, its heading and each group, as cells. */
function groupTable(optimizer: AdamW): string[][] {
  const lines = optimizer.describe().toString().split("\n");
  const start = lines.findIndex((line) => line.startsWith("group "));
  const end = lines.indexOf("", start);
  const [heading, , ...rows] = lines.slice(start, end);
  return [heading, ...rows].map((line) => line.split(/ {2,}/));
}

test("a group's own clip is in its data, and in the table where some group has one", () => {
  const one = (clip?: Clip) => ({
    params: { [JSON.stringify(clip ?? 0)]: { shape: [2, 2] } },
    ...(clip && { clip }),
  });
  const clips: [clip: Clip, words: string][] = [
    [clipByGlobalNorm(1), "globalNorm 1"],
    [clipByGlobalNorm(0.5, { formula: "paddle" }), "globalNorm 0.5 (paddle)"],
    [clipByNorm(2), "norm 2"],
    [clipByValue(3), "value -3 to 3"],
    [clipByValue(3, { min: 0 }), "value 0 to 3"],
    [clipAdaptive(0.01), "adaptive 0.01 (timm, floor 0.001)"],
    [clipAdaptive(0.01, { convention: "composer" }), "adaptive 0.01 (composer, floor 0)"],
  ];
  const optimizer = new AdamW([...clips.map(([clip]) => one(clip)), one()], {
    clip: clipByGlobalNorm(7),
  });
  const [heading, ...rows] = groupTable(optimizer);
  assert.equal(heading.slice(-2), ["amsgrad", "own clip"]);
  assert.equal(
    rows.map((cells) => cells.at(-1)),
    [...clips.map(([, words]) => words), "-"],
  );
  assert.equal(
    optimizer.describe().groups.map(({ clip }) => clip),
    [...clips.map(([clip]) => clip), null],
  );
});

test("centralize is in a group's data, and in the table where some group has it", () => {
  const groups = [
    { params: { w: { shape: [2, 2] } }, centralize: true, clip: clipByNorm(1) },
    { params: { v: { shape: [2, 2] } } },
  ];
  const optimizer = new AdamW(groups);
  const [heading, ...rows] = groupTable(optimizer);
  assert.equal(heading.slice(-3), ["amsgrad", "own clip", "centralize"]);
  assert.equal(
    rows.map((cells) => cells.slice(-3)),
    [
      ["no", "norm 1", "yes"],
      ["no", "-", "no"],
    ],
  );
  assert.equal(
    optimizer.describe().groups.map(({ centralize }) => centralize),
    [true, false],
  );
  const [plain] = groupTable(new AdamW({ w: { shape: [2, 2] } }, { clip: clipByNorm(1) }));
  assert.equal(plain, ["group", "lr", "weight decay", "betas", "eps", "amsgrad"]);
});

test("parameter() says the same", () => {
  const optimizer = make();
  const view = optimizer.parameter("bert.encoder.layer.1.output.dense.bias");
  assert.is(view.layer, 2);
  assert.is(view.lrScale, 0.8);
  assert.is(view.decays, false);
  assert.is(view.group, "model");
  assert.is(optimizer.parameter("extra").layer, null);
});

test.run();
