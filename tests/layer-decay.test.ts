import { suite } from "uvu";
import * as assert from "uvu/assert";
import { conventions, type DecayConvention } from "../src/parameters/conventions.ts";
import { families } from "../src/parameters/families.ts";
import { type LayerDecayOptions, layerDecay } from "../src/parameters/layer-decay.ts";
import type { ParameterInfo } from "../src/parameters/parameter.ts";

const test = suite("layer decay");

const named = (...names: string[]): ParameterInfo[] =>
  names.map((name) => ({ name, shape: [2], length: 2, group: "group 0" }));

const range = (length: number) => Array.from({ length }, (_, i) => i);

/** Names of a BERT of n blocks. */
const bert = (n: number) => [
  "bert.embeddings.LayerNorm.weight",
  ...range(n).map((i) => `bert.encoder.layer.${i}.output.dense.weight`),
  "classifier.weight",
];
const block = (i: number) => `bert.encoder.layer.${i}.output.dense.weight`;

/** Scales of some names, to the 10 digits that the sources print. */
function scales(options: LayerDecayOptions, names: string[], of = names): number[] {
  const table = layerDecay(options).resolve(named(...names));
  return of.map((name) => Number(table.scaleOf(name).toFixed(10)));
}

/** Powers of the rate, read off with a rate whose powers are exact. */
function exponents(options: Omit<LayerDecayOptions, "rate">, names: string[]): number[] {
  const table = layerDecay({ rate: 0.5, ...options }).resolve(named(...names));
  return names.map((name) => -Math.log2(table.scaleOf(name)));
}

// --- The published schemes ---

test("twelve blocks at 0.9 have the scales of the published schemes", () => {
  const of = ["bert.embeddings.LayerNorm.weight", block(0), block(11), "classifier.weight"];
  const cases: [DecayConvention, number[]][] = [
    ["beit", [0.2541865828, 0.2824295365, 0.9, 1]],
    ["paddle", [0.2541865828, 0.2824295365, 0.9, 1]],
    ["electra", [0.2287679245, 0.2541865828, 0.81, 1]],
    ["paddle-doc", [0.2824295365, 0.3138105961, 1, 1]],
    ["timm", [0.2541865828, 0.2824295365, 0.9, 1]],
  ];
  assert.equal(
    cases.map(([name]) => name),
    ["beit", "paddle", "electra", "paddle-doc", "timm"],
  );
  assert.is(cases.length, Object.keys(conventions).length);
  for (const [convention, expected] of cases) {
    assert.equal(scales({ rate: 0.9, layerOf: families.bert, convention }, bert(12), of), expected);
  }
  assert.equal(scales({ rate: 0.9, layerOf: families.bert }, bert(12), of), cases[0]?.[1]);
});

test("Paddle's names get d^(n+1), d^(n-i) and 1, as adamwdl.py computes them", () => {
  const names = [
    "ernie.embeddings.word_embeddings.weight",
    ...range(12).map((i) => `ernie.encoder.layers.${i}.linear1.weight`),
    "ernie.pooler.dense.weight",
    "classifier.weight",
  ];
  const options = { layerOf: families.erniePaddle, convention: "paddle" } as const;
  assert.equal(exponents(options, names), [13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0]);
});

const vit = ["cls_token", "pos_embed", "blocks.0.norm1.weight", "blocks.1.norm1.weight"];

test("timm gives the last norm the last block's scale, and without a head that is 1", () => {
  const timm = { layerOf: families.timm, convention: "timm" } as const;
  const headed = [...vit, "norm.weight", "head.weight"];
  assert.equal(exponents(timm, headed), [3, 3, 2, 1, 1, 0]);
  assert.equal(exponents(timm, [...vit, "norm.weight"]), [2, 2, 1, 0, 0]);
  assert.equal(exponents(timm, [...vit, "fc_norm.weight"]), [3, 3, 2, 1, 0]);
  assert.equal(exponents({ layerOf: families.timm }, headed), [3, 3, 2, 1, 0, 0]);
  assert.equal(exponents({ layerOf: families.timm }, [...vit, "norm.weight"]), [3, 3, 2, 1, 0]);
});

test("BEiT's shared position bias has the last block's id", () => {
  const bias = "rel_pos_bias.relative_position_bias_table";
  const names = [...vit, bias, "fc_norm.weight", "head.weight"];
  assert.equal(exponents({ layerOf: families.timm }, names), [3, 3, 2, 1, 1, 0, 0]);
  const table = layerDecay({ rate: 0.5, layerOf: families.timm }).resolve(named(...names));
  assert.is(table.layerOf(bias), 2);
});

test("minScale is the smallest scale", () => {
  const options = { rate: 0.5, layerOf: families.bert, minScale: 0.2 };
  assert.equal(scales(options, bert(4)), [0.2, 0.2, 0.2, 0.25, 0.5, 1]);
});

test("rates of 1 and above are taken as they are", () => {
  assert.equal(scales({ rate: 1, layerOf: families.bert }, bert(2)), [1, 1, 1, 1]);
  assert.equal(scales({ rate: 2, layerOf: families.bert }, bert(2)), [8, 4, 2, 1]);
});

test("scales rise from layer to layer by the same factor in every scheme", () => {
  for (const convention of Object.keys(conventions) as DecayConvention[]) {
    for (const n of [1, 2, 3, 7, 12, 24, 48]) {
      const powers = exponents({ layerOf: families.bert, convention }, bert(n));
      const blocksAndBelow = powers.slice(0, -1);
      const top = powers[n] as number;
      assert.equal(
        blocksAndBelow,
        range(n + 1).map((id) => n - id + top),
      );
      assert.is(powers[n + 1], 0, `${convention} head`);
      assert.ok(top >= 0 && top <= 2);
    }
  }
});

test("the order of the parameters changes nothing", () => {
  const names = bert(5);
  const options = { layerOf: families.bert };
  assert.equal(exponents(options, [...names].reverse()), exponents(options, names).reverse());
});

// --- Tables ---

test("layer ids count embeddings 0, block i as i + 1, the head n + 1", () => {
  const table = layerDecay({ rate: 0.9, layerOf: families.bert }).resolve(named(...bert(3)));
  assert.equal(
    bert(3).map((name) => table.layerOf(name)),
    [0, 1, 2, 3, 4],
  );
  assert.is(table.layers, 3);
  assert.equal(table.unmatched, []);
  assert.ok(Object.isFrozen(table) && Object.isFrozen(table.unmatched));
});

test("names that the rule doesn't know have scale 1 and are listed in the order given", () => {
  const names = ["zebra.weight", ...bert(2), "adapter.weight"];
  const table = layerDecay({ rate: 0.5, layerOf: families.bert }).resolve(named(...names));
  assert.equal(table.unmatched, ["zebra.weight", "adapter.weight"]);
  assert.is(table.scaleOf("zebra.weight"), 1);
  assert.is(table.layerOf("zebra.weight"), null);
  assert.is(table.scaleOf(block(1)), 0.5);
});

test("names like the members of Object.prototype are names like others", () => {
  const layerOf = (name: string) => (name === "constructor" ? 0 : undefined);
  const table = layerDecay({ rate: 0.5, layerOf }).resolve(named("constructor", "toString"));
  assert.is(table.scaleOf("constructor"), 0.5);
  assert.equal(table.unmatched, ["toString"]);
});

test("one rule resolves several optimizers' parameters independently", () => {
  const rule = layerDecay({ rate: 0.5, layerOf: families.bert });
  const small = rule.resolve(named(...bert(2)));
  const large = rule.resolve(named(...bert(6)));
  assert.is(small.scaleOf(block(0)), 0.25);
  assert.is(large.scaleOf(block(0)), 1 / 64);
  assert.equal([small.layers, large.layers], [2, 6]);
});

test("options are kept as frozen plain data", () => {
  const { kind, options } = layerDecay({ rate: 0.8, layerOf: families.t5, layers: { encoder: 6 } });
  assert.is(kind, "layerDecay");
  const expected = {
    rate: 0.8,
    layerOf: "t5",
    layers: { encoder: 6 },
    convention: "beit",
    minScale: 0,
    unmatched: "scale-one",
  };
  assert.equal(JSON.parse(JSON.stringify(options)), expected);
  assert.ok(Object.isFrozen(options) && Object.isFrozen(options.layers));
  const custom = layerDecay({ rate: 1, layerOf: () => 0 }).options;
  assert.equal([custom.layerOf, custom.layers], ["custom", null]);
});

test("options and lists are copied, so that changing them later changes nothing", () => {
  const layers = [2, 2];
  const options = { rate: 0.5, layerOf: families.swin, layers };
  const rule = layerDecay(options);
  layers[1] = 9;
  options.rate = 0.1;
  options.layerOf = families.bert;
  const table = rule.resolve(named("layers.1.blocks.1.norm1.weight", "head.fc.weight"));
  assert.equal([table.layers, table.scaleOf("layers.1.blocks.1.norm1.weight")], [4, 0.5]);
});

// --- Functions ---

test("a function places parameters by part, index or location", () => {
  const places = {
    embed: "embedding",
    first: 0,
    second: { part: "block", index: [1] },
    shared: { part: "block" },
    norm: "norm",
    head: { part: "head" },
    other: undefined,
  } as const;
  const layerOf = (name: string) => places[name as keyof typeof places];
  assert.equal(exponents({ layerOf }, Object.keys(places)), [3, 2, 1, 1, 0, 0, 0]);
});

test("a function may name towers and stages", () => {
  const layerOf = (name: string) => {
    const [stack = "", ...index] = name.split("/");
    return { part: "block", stack, index: index.map(Number) } as const;
  };
  const names = ["a/0/0", "a/0/1", "a/1/0", "a/1", "b/0", "b/3"];
  assert.equal(exponents({ layerOf }, names), [3, 2, 1, 1, 4, 1]);
});

test.run();
