import { suite } from "uvu";
import * as assert from "uvu/assert";
import { isFamily, type LayerLocation, locate } from "../src/parameters/families/family.ts";
import { bestFamily, families } from "../src/parameters/families.ts";
import { familyNames } from "./reference/family-names.ts";

const test = suite("families");

/** A location as family-names.ts writes it. */
function words(location: LayerLocation | undefined): string {
  if (location === undefined) return "unmatched";
  const { part, stack, index } = location;
  const path = index === undefined ? "" : ` ${index.join(".") || "*"}`;
  return `${stack === undefined ? "" : `${stack} `}${part}${path}`;
}

for (const family of Object.values(families)) {
  const expected = familyNames[family.name as keyof typeof families];

  test(`${family.name} places its real parameter names`, () => {
    const actual = Object.keys(expected).map((name) => [name, words(locate(family, name))]);
    assert.equal(Object.fromEntries(actual), expected);
  });

  test(`${family.name} places them behind any modules`, () => {
    for (const around of ["module.", "base_model.model.", "0.auto_model."]) {
      for (const [name, where] of Object.entries(expected)) {
        assert.is(words(locate(family, around + name)), where, around + name);
      }
    }
  });
}

test("the families are those of the table of names, each under its own name", () => {
  assert.equal(Object.keys(families).sort(), Object.keys(familyNames).sort());
  for (const [name, family] of Object.entries(families)) assert.is(family.name, name);
});

test("every part of every family is tried by some name", () => {
  for (const family of Object.values(families)) {
    const names = Object.keys(familyNames[family.name as keyof typeof families]);
    for (const { pattern } of family.rows) {
      assert.ok(
        names.some((name) => pattern.test(name)),
        `${family.name}: ${pattern}`,
      );
    }
  }
});

test("a list inside a block is never taken for the list of blocks", () => {
  const traps: [keyof typeof families, string, string][] = [
    ["bert", "bert.encoder.layer.3.adapter.encoder.layer.0.weight", "block 3"],
    ["llama", "model.layers.3.mlp.experts.7.layers.0.weight", "block 3"],
    ["llama", "blocks.3.mlp.layers.0.weight", "unmatched"],
    ["llama", "model.blocks.3.mlp.layers.0.weight", "unmatched"],
    ["timm", "blocks.3.mlp.blocks.0.weight", "block 3"],
    ["wav2vec2", "wav2vec2.encoder.layers.3.conv_layers.0.weight", "block 3"],
    ["swin", "layers.1.blocks.3.mlp.layers.0.weight", "block 1.3"],
    ["t5", "decoder.block.3.layer.0.layer_norm.weight", "decoder block 3"],
  ];
  for (const [family, name, where] of traps) {
    assert.is(words(locate(families[family], name)), where, name);
  }
});

test("a module is matched whole", () => {
  const { bert, llama, timm } = families;
  assert.is(words(locate(llama, "feature_extractor.conv_layers.0.weight")), "unmatched");
  assert.is(words(locate(llama, "model.layers_extra.0.weight")), "unmatched");
  assert.is(words(locate(bert, "bert.encoder.layer.12a.weight")), "unmatched");
  assert.is(words(locate(timm, "head2.weight")), "unmatched");
  assert.is(words(locate(timm, "abnorm.weight")), "unmatched");
  assert.is(words(locate(timm, "")), "unmatched");
});

test("the encoder.layer of Hugging Face and the encoder.layers of Paddle exclude each other", () => {
  const theirs = "bert.encoder.layer.0.attention.self.query.weight";
  const paddles = "bert.encoder.layers.0.self_attn.q_proj.weight";
  assert.is(words(locate(families.bert, theirs)), "block 0");
  assert.is(words(locate(families.bert, paddles)), "unmatched");
  assert.is(words(locate(families.bertPaddle, theirs)), "unmatched");
  assert.is(words(locate(families.bertPaddle, paddles)), "block 0");
});

test("bestFamily finds each family by its own names", () => {
  // These are named alike; the first listed stands for all.
  const alike: Record<string, string> = { qwen: "llama", mistral: "llama" };
  for (const family of Object.values(families)) {
    const all = Object.keys(familyNames[family.name as keyof typeof families]);
    const own = all.filter((name) => locate(family, name) !== undefined);
    const best = bestFamily(own);
    assert.is(best?.family.name, alike[family.name] ?? family.name);
    assert.is(best?.matched, own.length);
  }
});

test("bestFamily prefers the model that the names mention, then the first listed", () => {
  const block = "encoder.layer.0.output.dense.weight";
  assert.is(bestFamily([block])?.family, families.bert);
  assert.is(bestFamily([`roberta.${block}`])?.family, families.roberta);
  assert.is(bestFamily([`ernie.${block}`])?.family, families.ernie);
  assert.is(bestFamily(["ernie.encoder.layers.0.norm1.weight"])?.family, families.erniePaddle);
});

test("bestFamily needs a block", () => {
  assert.is(bestFamily(["embeddings.word_embeddings.weight", "classifier.weight"]), undefined);
  assert.is(bestFamily([]), undefined);
});

test("families are frozen, and only ours count as families", () => {
  assert.ok(Object.isFrozen(families));
  for (const family of Object.values(families)) {
    assert.ok(isFamily(family));
    assert.ok(Object.isFrozen(family) && Object.isFrozen(family.rows));
    assert.ok(family.rows.every(Object.isFrozen));
  }
  assert.not(isFamily({ ...families.bert }));
  assert.not(isFamily("bert"));
  assert.not(isFamily(null));
});

test.run();
