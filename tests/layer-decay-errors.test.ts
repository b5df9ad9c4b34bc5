import { suite } from "uvu";
import * as assert from "uvu/assert";
import { families } from "../src/parameters/families.ts";
import { type LayerDecayOptions, layerDecay } from "../src/parameters/layer-decay.ts";

const test = suite("layer decay errors");

const bert = [
  "bert.embeddings.LayerNorm.weight",
  "bert.encoder.layer.0.a.weight",
  "classifier.bias",
];
const paddle = [
  "ernie.embeddings.word_embeddings.weight",
  ...[0, 1, 2, 3].map((i) => `ernie.encoder.layers.${i}.linear1.weight`),
  "classifier.weight",
];

type Loose = { [Key in keyof LayerDecayOptions]?: unknown };

/** Resolves names by a sound rule, some of whose options are replaced. */
function resolve(wrong: Loose, names: readonly string[]) {
  const options = { rate: 0.9, layerOf: families.bert, ...wrong } as LayerDecayOptions;
  const parameters = names.map((name) => ({ name, shape: [1], length: 1, group: "group 0" }));
  return layerDecay(options).resolve(parameters);
}

function refuses(run: () => unknown, kind: ErrorConstructor, message: string): void {
  let error: unknown;
  try {
    run();
  } catch (caught) {
    error = caught;
  }
  assert.ok(error instanceof Error, `nothing thrown for: ${message}`);
  assert.is(error.message, message);
  assert.is(error.constructor, kind, message);
}

test("a family that matches nothing is refused, and the one that would match is named", () => {
  refuses(
    () => resolve({ layerOf: families.gpt2 }, ["h.a", "a", "b", "c"]),
    RangeError,
    '"layerOf" of layerDecay: expected families.gpt2 to match a parameter, got 4 unmatched of 4 ("h.a", "a", "b", ...). Where no family fits, give a function of the name',
  );
  refuses(
    () => resolve({ layerOf: families.timm }, paddle.slice(1, 4)),
    RangeError,
    '"layerOf" of layerDecay: expected families.timm to match a parameter, got 3 unmatched of 3 ("ernie.encoder.layers.0.linear1.weight", "ernie.encoder.layers.1.linear1.weight", "ernie.encoder.layers.2.linear1.weight"). families.erniePaddle would match 3 of 3',
  );
  refuses(
    () => resolve({}, []),
    RangeError,
    '"layerOf" of layerDecay: expected families.bert to match a parameter, got 0 unmatched of 0. Where no family fits, give a function of the name',
  );
});

test("a family that matches embeddings and head but no block is refused", () => {
  const message =
    '"layerOf" of layerDecay: expected families.ernie to match a block, got 4 unmatched of 6 ("ernie.encoder.layers.0.linear1.weight", "ernie.encoder.layers.1.linear1.weight", "ernie.encoder.layers.2.linear1.weight", ...). families.erniePaddle would match 6 of 6';
  refuses(() => resolve({ layerOf: families.ernie }, paddle), RangeError, message);
  refuses(() => resolve({ layerOf: families.ernie, layers: 4 }, paddle), RangeError, message);
});

test("a function that matches nothing is refused, with a family if one fits", () => {
  refuses(
    () => resolve({ layerOf: () => undefined }, ["a"]),
    RangeError,
    '"layerOf" of layerDecay: expected the function to match a parameter, got 1 unmatched of 1 ("a")',
  );
  refuses(
    () => resolve({ layerOf: () => undefined }, bert.slice(1)),
    RangeError,
    '"layerOf" of layerDecay: expected the function to match a parameter, got 2 unmatched of 2 ("bert.encoder.layer.0.a.weight", "classifier.bias"). families.bert would match 2 of 2',
  );
});

test("embeddings without any block to count need layers", () => {
  const names = ["bert.embeddings.LayerNorm.weight", "classifier.bias"];
  refuses(
    () => resolve({}, names),
    RangeError,
    '"layers" of layerDecay: expected the number of blocks, got none. There are embeddings among the parameters, but no block to count',
  );
  const scale = resolve({ rate: 0.5, layers: 2 }, names).scaleOf(
    "bert.embeddings.LayerNorm.weight",
  );
  assert.is(scale, 0.125);
  assert.is(resolve({}, ["classifier.bias"]).scaleOf("classifier.bias"), 1);
});

test("unmatched names are refused on request", () => {
  refuses(
    () => resolve({ unmatched: "throw" }, [...bert, "a", "b"]),
    RangeError,
    '"layerOf" of layerDecay: expected families.bert to match every parameter, got 2 unmatched of 5 ("a", "b"). Where no family fits, give a function of the name',
  );
  // bert matches as many as roberta, so that it is no better.
  refuses(
    () => resolve({ layerOf: families.roberta, unmatched: "throw" }, ["encoder.layer.0.b", "a"]),
    RangeError,
    '"layerOf" of layerDecay: expected families.roberta to match every parameter, got 1 unmatched of 2 ("a"). Where no family fits, give a function of the name',
  );
  assert.equal(resolve({ unmatched: "throw" }, bert).unmatched, []);
});

test("a block beyond layers is named with both numbers", () => {
  refuses(
    () => resolve({ layers: 1 }, [...bert, "bert.encoder.layer.7.a.weight"]),
    RangeError,
    '"layers" of layerDecay: expected more than 7, the block index in "bert.encoder.layer.7.a.weight", got 1. Blocks are counted from 0',
  );
  refuses(
    () => resolve({ layerOf: () => 1, layers: 1 }, ["a"]),
    RangeError,
    '"layers" of layerDecay: expected more than 1, the block index in "a", got 1. Blocks are counted from 0',
  );
  const [decoder, swin] = ["decoder.block.3.a.weight", "layers.2.blocks.5.a.weight"];
  refuses(
    () => resolve({ layerOf: families.t5, layers: { decoder: 3 } }, [decoder]),
    RangeError,
    `"layers" of layerDecay: expected more than 3, the block index in "${decoder}", got 3. Blocks are counted from 0`,
  );
  refuses(
    () => resolve({ layerOf: families.swin, layers: [2, 2, 5] }, [swin]),
    RangeError,
    `"layers" of layerDecay: expected more than 5, the block index in "${swin}", got 5. Blocks are counted from 0`,
  );
  refuses(
    () => resolve({ layerOf: families.swin, layers: [2, 2] }, [swin]),
    RangeError,
    `"layers" of layerDecay: expected more than 2 stages, the stage index in "${swin}", got 2. Stages are counted from 0`,
  );
});

test("a total must agree with the names where blocks have stacks or stages", () => {
  const t5 = ["encoder.block.1.a.weight", "decoder.block.2.a.weight"];
  const swin = ["layers.0.blocks.1.a.weight", "layers.1.blocks.0.a.weight"];
  const total = '"layers" of layerDecay: expected';
  const cases: [Loose, string[], string][] = [
    [
      { layerOf: families.t5, layers: 6 },
      t5,
      `${total} 5, the blocks that the names show, got 6. Leave it out, or give the blocks of each stack: encoder, decoder`,
    ],
    [
      { layerOf: families.t5, layers: 12 },
      t5.slice(1),
      `${total} 3, the blocks that the names show, got 12. Leave it out, or give the blocks of each stack: encoder, decoder`,
    ],
    [
      { layerOf: families.swin, layers: 2 },
      swin,
      `${total} 3, the blocks that the names show, got 2. Leave it out, or give a list of the blocks in each stage`,
    ],
    [
      {
        layerOf: (name: string) => ({ part: "block", index: [2], ...JSON.parse(name) }),
        layers: 5,
      },
      ["{}", '{"stack":"a"}'],
      `${total} 6, the blocks that the names show, got 5. Leave it out, or give the blocks of each stack: a`,
    ],
  ];
  for (const [options, names, message] of cases) {
    refuses(() => resolve(options, names), RangeError, message);
  }
});

test("counts must be of the kind that the network has", () => {
  const t5 = ["encoder.block.1.a.weight", "decoder.block.2.a.weight"];
  const swin = ["layers.0.blocks.1.a.weight"];
  const start = '"layers" of layerDecay: expected';
  const stagedTower = () => ({ part: "block", stack: "a", index: [0, 0] });
  const cases: [Loose, string[], ErrorConstructor, string][] = [
    [{ layers: [1] }, bert, TypeError, `${start} a number, got [1]. Lists are for staged networks`],
    [
      { layerOf: families.t5, layers: [2, 3] },
      t5,
      TypeError,
      `${start} an object of counts by stack, got [2, 3]. Lists are for staged networks`,
    ],
    [
      { layers: { encoder: 1 } },
      bert,
      TypeError,
      `${start} a number or a list, as the rule names no stacks, got an object`,
    ],
    [
      { layerOf: families.swin, layers: { a: 1 } },
      swin,
      TypeError,
      `${start} a number or a list, as the rule names no stacks, got an object`,
    ],
    [
      { layerOf: families.t5, layers: { Encoder: 2 } },
      t5,
      RangeError,
      `${start} counts for encoder, decoder, got "Encoder"`,
    ],
    [
      { layerOf: stagedTower, layers: { a: 1 } },
      ["x"],
      TypeError,
      `${start} no count for a, which has stages, got 1`,
    ],
  ];
  for (const [options, names, kind, message] of cases) {
    refuses(() => resolve(options, names), kind, message);
  }
});

test("a function must return a place", () => {
  const places = '"embedding", a block index, "norm", "head", a location or undefined';
  const part = '"part" of parameter "x": expected "embedding", "block", "norm" or "head"';
  const index = '"layerOf" of parameter "x": expected a block index that is an integer >= 0';
  const cases: [unknown, ErrorConstructor, string][] = [
    ["body", TypeError, `"layerOf" of parameter "x": expected ${places}, got "body"`],
    [null, TypeError, `"layerOf" of parameter "x": expected ${places}, got null`],
    [true, TypeError, `"layerOf" of parameter "x": expected ${places}, got true`],
    [-1, RangeError, `${index}, got -1`],
    [0.5, RangeError, `${index}, got 0.5`],
    [NaN, RangeError, `${index}, got NaN`],
    [Infinity, RangeError, `${index}, got Infinity`],
    [[0], TypeError, `"layerOf" of parameter "x": expected ${places}, got [0]`],
    [
      { part: "block", layer: 1 },
      TypeError,
      '"layerOf" of parameter "x": expected a location of part, stack and index, got "layer"',
    ],
    [{}, TypeError, `${part}, got undefined`],
    [{ part: "body" }, TypeError, `${part}, got "body"`],
    [{ part: "head", stack: 1 }, TypeError, '"stack" of parameter "x": expected a string, got 1'],
    [{ part: "head", stack: "" }, RangeError, '"stack" of parameter "x": expected a name, got ""'],
    [
      { part: "head", index: [1] },
      TypeError,
      '"index" of parameter "x": expected none, as head has no blocks, got [1]',
    ],
    [
      { part: "block", index: 1 },
      TypeError,
      '"index" of parameter "x": expected [block] or [stage, block], got 1',
    ],
    [
      { part: "block", index: [1, 2, 3] },
      TypeError,
      '"index" of parameter "x": expected [block] or [stage, block], got [1, 2, 3]',
    ],
    [
      { part: "block", index: ["1"] },
      TypeError,
      '"index" of parameter "x": expected numbers, got "1"',
    ],
    [{ part: "block", index: [-1] }, RangeError, `${index}, got -1`],
  ];
  for (const [place, kind, message] of cases) {
    refuses(() => resolve({ layerOf: () => place }, ["x"]), kind, message);
  }
});

test("a block index that no double holds exactly is refused", () => {
  const name = "bert.encoder.layer.9007199254740992.a.weight";
  refuses(
    () => resolve({}, [name]),
    RangeError,
    `"layerOf" of parameter "${name}": expected a block index that is an integer >= 0, got 9007199254740992`,
  );
});

test("a scale that is not finite is refused", () => {
  refuses(
    () => resolve({ rate: 1e200 }, bert),
    RangeError,
    '"rate" of layerDecay: expected a number whose power 2 is finite, got 1e+200',
  );
});

test("a table is asked for names that it holds", () => {
  const table = resolve({}, bert);
  const message =
    '"name" of the layer table: expected the name of a resolved parameter, got "toString"';
  refuses(() => table.scaleOf("toString"), RangeError, message);
  refuses(() => table.layerOf("toString"), RangeError, message);
});

test.run();
