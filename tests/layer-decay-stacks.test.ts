import { suite } from "uvu";
import * as assert from "uvu/assert";
import { families } from "../src/parameters/families.ts";
import { type LayerDecayOptions, layerDecay } from "../src/parameters/layer-decay.ts";

const test = suite("layer decay of stacks and stages");

type Options = Omit<LayerDecayOptions, "rate">;

/** Checks the exponent of the rate for each name; 0.5 has exact powers. */
function check(options: Options, expected: Record<string, number>): void {
  const table = resolve(options, Object.keys(expected));
  const actual = Object.keys(expected).map((name) => [name, -Math.log2(table.scaleOf(name))]);
  assert.equal(Object.fromEntries(actual), expected);
}

function resolve(options: Options, names: string[]) {
  const parameters = names.map((name) => ({ name, shape: [1], length: 1, group: "group 0" }));
  return layerDecay({ rate: 0.5, ...options }).resolve(parameters);
}

// --- Encoder and decoder ---

const t5 = {
  "shared.weight": 6,
  "encoder.block.0.layer.0.SelfAttention.q.weight": 5,
  "encoder.block.1.layer.1.DenseReluDense.wi.weight": 4,
  "encoder.final_layer_norm.weight": 4,
  "decoder.block.0.layer.0.SelfAttention.q.weight": 3,
  "decoder.block.2.layer.2.DenseReluDense.wi.weight": 1,
  "decoder.final_layer_norm.weight": 0,
  "lm_head.weight": 0,
};

test("a decoder's blocks follow the encoder's", () => {
  check({ layerOf: families.t5 }, t5);
  const { layers, layerOf } = resolve({ layerOf: families.t5 }, Object.keys(t5));
  assert.is(layers, 5);
  const ids = Object.keys(t5).map(layerOf);
  assert.equal(ids, [0, 1, 2, 2, 3, 5, 6, 6]);
});

test("the encoder's norm has the scale of its last block, whatever the scheme", () => {
  const [norm, last] = [
    "encoder.final_layer_norm.weight",
    "encoder.block.1.layer.1.DenseReluDense.wi.weight",
  ];
  for (const convention of ["beit", "paddle", "timm", "electra", "paddle-doc"] as const) {
    const table = resolve({ layerOf: families.t5, convention }, Object.keys(t5));
    assert.is(table.scaleOf(norm), table.scaleOf(last), convention);
  }
});

test("an encoder on its own ends with its norm", () => {
  check(
    { layerOf: families.t5 },
    {
      "shared.weight": 2,
      "encoder.block.0.layer.0.SelfAttention.q.weight": 1,
      "encoder.final_layer_norm.weight": 0,
      "classifier.weight": 0,
    },
  );
});

test("a frozen encoder is counted when its blocks are given", () => {
  const expected = {
    "shared.weight": 6,
    "encoder.final_layer_norm.weight": 4,
    "decoder.block.0.layer.0.SelfAttention.q.weight": 3,
    "decoder.block.2.layer.2.DenseReluDense.wi.weight": 1,
    "lm_head.weight": 0,
  };
  check({ layerOf: families.t5, layers: { encoder: 2 } }, expected);
  check({ layerOf: families.t5, layers: { encoder: 2, decoder: 3 } }, expected);
  // Not given, it counts as no blocks; its norm then stands where it would have stood.
  check(
    { layerOf: families.t5 },
    { ...expected, "shared.weight": 4, "encoder.final_layer_norm.weight": 4 },
  );
});

test("the order of the names doesn't say which stack comes first", () => {
  const backwards = Object.fromEntries(Object.entries(t5).reverse());
  check({ layerOf: families.t5 }, backwards);
});

test("BART and Whisper chain their stacks too", () => {
  check(
    { layerOf: families.bart },
    {
      "model.shared.weight": 4,
      "model.decoder.layernorm_embedding.weight": 4,
      "model.encoder.layers.0.final_layer_norm.weight": 3,
      "model.decoder.layers.0.encoder_attn_layer_norm.weight": 2,
      "model.decoder.layers.1.fc1.weight": 1,
      "classification_head.dense.weight": 0,
    },
  );
  check(
    { layerOf: families.whisper },
    {
      "model.encoder.conv1.weight": 4,
      "model.decoder.embed_tokens.weight": 4,
      "model.encoder.layers.1.fc1.weight": 2,
      "model.encoder.layer_norm.weight": 2,
      "model.decoder.layers.0.fc1.weight": 1,
      "model.decoder.layer_norm.weight": 0,
    },
  );
});

// --- Towers ---

const clip = {
  "text_model.embeddings.token_embedding.weight": 3,
  "text_model.encoder.layers.0.mlp.fc1.weight": 2,
  "text_model.encoder.layers.1.mlp.fc1.weight": 1,
  "text_model.final_layer_norm.weight": 0,
  "vision_model.embeddings.class_embedding": 5,
  "vision_model.pre_layrnorm.weight": 5,
  "vision_model.encoder.layers.0.mlp.fc1.weight": 4,
  "vision_model.encoder.layers.3.mlp.fc1.weight": 1,
  "vision_model.post_layernorm.weight": 0,
  "visual_projection.weight": 0,
  "text_projection.weight": 0,
  logit_scale: 0,
};

test("towers of different depths decay each from its own top", () => {
  check({ layerOf: families.clip }, clip);
  const { layers, layerOf } = resolve({ layerOf: families.clip }, Object.keys(clip));
  assert.is(layers, 6);
  assert.equal(Object.keys(clip).map(layerOf), [0, 1, 2, 3, 0, 0, 1, 4, 5, 5, 3, 5]);
});

test("towers take their counts by name, or a total that agrees with the names", () => {
  check({ layerOf: families.clip, layers: 6 }, clip);
  check({ layerOf: families.clip, layers: { text: 2, vision: 4 } }, clip);
  const deeper = { ...clip };
  for (const name of Object.keys(clip).slice(0, 3) as (keyof typeof clip)[]) deeper[name] += 10;
  check({ layerOf: families.clip, layers: { text: 12 } }, deeper);
});

test("a tower on its own needs no tower's name", () => {
  check(
    { layerOf: families.clip },
    {
      "embeddings.class_embedding": 3,
      "encoder.layers.0.mlp.fc1.weight": 2,
      "encoder.layers.1.mlp.fc1.weight": 1,
      "post_layernorm.weight": 0,
    },
  );
});

test("in timm's scheme a head of no tower is the head of all", () => {
  const blocks = {
    "text_model.encoder.layers.1.mlp.fc1.weight": 0,
    "text_model.final_layer_norm.weight": 0,
    "vision_model.encoder.layers.3.mlp.fc1.weight": 0,
  };
  const timm = { layerOf: families.clip, convention: "timm" } as const;
  check(timm, blocks);
  check(timm, {
    ...blocks,
    "vision_model.encoder.layers.3.mlp.fc1.weight": 1,
    "visual_projection.weight": 0,
  });
  const below = Object.fromEntries(Object.keys(blocks).map((name) => [name, 1]));
  check(timm, { ...below, logit_scale: 0 });
  check(timm, { logit_scale: 0, ...below });
});

test("what a function places in no tower is measured against the deepest one", () => {
  const layerOf = (name: string) => JSON.parse(name);
  const expected = {
    '{"part":"block","stack":"a","index":[1]}': 1,
    '{"part":"block","stack":"b","index":[3]}': 1,
    '{"part":"embedding"}': 5,
    '{"part":"norm"}': 0,
    '"head"': 0,
  };
  check({ layerOf }, expected);
  check({ layerOf, convention: "timm" }, { ...expected, '{"part":"norm"}': 1 });
});

// --- Stages ---

/** Blocks of Swin-T, as timm names them. */
const swinBlocks = [2, 2, 6, 2].flatMap((depth, stage) =>
  Array.from({ length: depth }, (_, b) => `layers.${stage}.blocks.${b}.norm1.weight`),
);

test("Swin's stages count through: 2, 2, 6 and 2 blocks are 12", () => {
  const swin = Object.fromEntries(swinBlocks.map((name, i) => [name, 12 - i]));
  const rest = {
    "patch_embed.proj.weight": 13,
    "layers.1.downsample.norm.weight": 10,
    "layers.2.downsample.norm.weight": 8,
    "layers.3.downsample.norm.weight": 2,
    "norm.weight": 0,
    "head.fc.weight": 0,
  };
  check({ layerOf: families.swin }, { ...swin, ...rest });
  check({ layerOf: families.swin, layers: 12 }, { ...swin, ...rest });
  check({ layerOf: families.swin, layers: [2, 2, 6, 2] }, { ...swin, ...rest });
  check({ layerOf: families.swin, convention: "timm" }, { ...swin, ...rest, "norm.weight": 1 });
});

test("Hugging Face's Swin ends its stages with the downsampling", () => {
  const blocks = swinBlocks.map((name, i) => [`swin.encoder.${name}`, 12 - i] as const);
  check(
    { layerOf: families.swin },
    {
      ...Object.fromEntries(blocks),
      "swin.encoder.layers.0.downsample.norm.weight": 11,
      "swin.encoder.layers.2.downsample.reduction.weight": 3,
    },
  );
});

test("ConvNeXt's three layouts have the same scales", () => {
  const layouts = [
    ["stem.0.weight", "stages.S.blocks.B.norm.weight", "stages.1.downsample.0.weight"],
    ["downsample_layers.0.0.weight", "stages.S.B.norm.weight", "downsample_layers.1.0.weight"],
    [
      "convnext.embeddings.layernorm.weight",
      "convnext.encoder.stages.S.layers.B.dwconv.weight",
      "convnext.encoder.stages.1.downsampling_layer.0.weight",
    ],
  ] as const;
  for (const [stem, block, downsample] of layouts) {
    const at = (stage: number, b: number) => block.replace("S", `${stage}`).replace("B", `${b}`);
    const expected = { [stem]: 6, [at(0, 0)]: 5, [at(0, 2)]: 3, [at(1, 0)]: 2, [at(1, 1)]: 1 };
    check({ layerOf: families.convnext }, { ...expected, [downsample]: 2 });
  }
});

test("frozen lower stages change nothing above them", () => {
  const upper = swinBlocks.slice(4);
  const expected = Object.fromEntries(upper.map((name, i) => [name, 8 - i]));
  check({ layerOf: families.swin }, expected);
  check({ layerOf: families.swin, layers: [2, 2, 6, 2] }, expected);
  check(
    { layerOf: families.swin, layers: [2, 2, 6, 2] },
    { "patch_embed.proj.weight": 13, "head.fc.weight": 0 },
  );
});

test("a plain network may have more blocks than are trained", () => {
  const names = {
    "vit.embeddings.cls_token": 13,
    "vit.layers.0.mlp.fc1.weight": 12,
    "vit.layers.1.mlp.fc1.weight": 11,
    "classifier.weight": 0,
  };
  check({ layerOf: families.vit, layers: 12 }, names);
  check({ layerOf: families.vit, layers: 12 }, { "vit.embeddings.cls_token": 13 });
});

test.run();
