import { suite } from "uvu";
import * as assert from "uvu/assert";
import { noDecayOn, noDecayOnBiasAndNorm } from "../src/parameters/decay-filter.ts";
import type { ParameterInfo } from "../src/parameters/parameter.ts";

const test = suite("decay filter");

const info = (name: string, shape: number[] = [4, 4]): ParameterInfo => ({
  name,
  shape,
  length: shape.reduce((product, size) => product * size, 1),
  group: "group 0",
});

function decays(names: string[]): string[] {
  return names.filter((name) => noDecayOnBiasAndNorm(info(name)));
}

test("scalars and vectors never decay", () => {
  const name = "encoder.layer.0.output.dense.weight";
  for (const shape of [[], [7], [0]]) assert.is(noDecayOnBiasAndNorm(info(name, shape)), false);
  for (const shape of [
    [7, 1],
    [1, 1],
    [8, 3, 3, 3],
  ]) {
    assert.is(noDecayOnBiasAndNorm(info(name, shape)), true);
  }
});

test("biases don't decay, however many dimensions they have", () => {
  const biases = [
    "bias",
    "classifier.bias",
    "attention.in_proj_bias",
    "transformer.layer.0.rel_attn.r_w_bias",
    "blocks.0.attn.q_bias",
    "dense.inProjBias",
    "dense.BIAS",
    "dense_Dense1/bias",
    "dense/bias:0",
  ];
  assert.equal(decays(biases), []);
});

test("norms don't decay, however they are called", () => {
  const modules = [
    ["norm", "norm1", "norm_1", "norm2d", "fc_norm", "norm_pre", "attn_norm", "q_norm"],
    ["layernorm", "LayerNorm", "layer_norm", "layerNorm1", "layer_norm2", "LAYERNORM"],
    ["input_layernorm", "post_attention_layernorm", "layernorm_before", "layernorm_embedding"],
    ["full_layer_layer_norm", "word_embeddings_layernorm", "final_layer_norm", "sa-layer-norm"],
    ["rmsnorm", "RMSNorm", "rms_norm", "MLPNorm", "groupNorm", "instance_norm", "pre_layrnorm"],
    [
      "ln",
      "ln1",
      "ln_1",
      "ln_f",
      "ln_final",
      "bn",
      "bn1",
      "gn_2",
      "grn",
      "batchnorm",
      "BatchNorm2d",
    ],
    ["layer_normalization", "batch_normalization_3", "LayerNormalization"],
  ].flat();
  assert.equal(decays(modules.map((module) => `model.${module}.weight`)), []);
  assert.equal(decays(modules.map((module) => `${module}/scale`)), []);
  assert.equal(decays(modules), []);
  assert.equal(decays(["head.norm.0.weight", "norm.weight"]), []);
});

test("gains and shifts don't decay", () => {
  const names = ["LayerNorm.gamma", "x.beta", "blocks.0.gamma_1", "a.GAMMA", "b/beta:0"];
  assert.equal(decays(names), []);
});

test("words that only contain a norm or a bias decay", () => {
  const names = [
    "abnormal.weight",
    "normalizer_projection.weight",
    "normal.weight",
    "denormalize.weight",
    "norm_projection.weight",
    "normed_linear.weight",
    "enormous.weight",
    "kiln.weight",
    "lnear.weight",
    "bnb_linear.weight",
    "biased.weight",
    "bias_table.weight",
    "relative_attention_bias.weight",
    "attention.relative_position_bias_table",
    "gamma.weight",
    "betas",
    "alphabeta",
    "normalization.weight",
  ];
  assert.equal(decays(names), names);
});

test("only the module that holds the parameter counts, not those around it", () => {
  const names = ["norm1.linear.weight", "layernorm.mlp.fc1.weight", "bias.net.0.weight"];
  assert.equal(decays(names), names);
});

test("real names of matrices decay", () => {
  const names = [
    "bert.embeddings.word_embeddings.weight",
    "bert.encoder.layer.0.attention.self.query.weight",
    "transformer.h.0.attn.c_attn.weight",
    "model.layers.0.mlp.gate_proj.weight",
    "model.layers.0.mlp.experts.gate_up_proj",
    "patch_embed.proj.weight",
    "blocks.0.mlp.fc1.weight",
    "vision_model.embeddings.patch_embedding.weight",
    "cls_token",
    "dense_Dense1/kernel",
  ];
  assert.equal(decays(names), names);
});

test("noDecayOn keeps decay off names that contain a string or fit an expression", () => {
  const filter = noDecayOn(["embed", /^head\./, /\.lora_[AB]\./]);
  const cases: [string, boolean][] = [
    ["model.embed_tokens.weight", false],
    ["head.weight", false],
    ["q.lora_A.default.weight", false],
    ["my.head.weight", true],
    ["q.lora_C.weight", true],
    ["norm.bias", true],
  ];
  for (const [name, expected] of cases) assert.is(filter(info(name)), expected, name);
});

test("noDecayOn takes strings literally and minds their case", () => {
  const filter = noDecayOn(["a.b"]);
  assert.is(filter(info("a.b")), false);
  assert.is(filter(info("axb")), true);
  assert.is(filter(info("A.B")), true);
});

test("noDecayOn answers the same each time, also for global and sticky expressions", () => {
  const filter = noDecayOn([/bias/g, /^w/y]);
  for (let i = 0; i < 4; i++) {
    assert.is(filter(info("a.bias")), false);
    assert.is(filter(info("a.bias")), false);
    assert.is(filter(info("weight")), false);
    assert.is(filter(info("a.weight")), true);
  }
});

test("noDecayOn keeps its own copy of the patterns", () => {
  const patterns: (string | RegExp)[] = ["a"];
  const filter = noDecayOn(patterns);
  patterns[0] = "b";
  assert.is(filter(info("a")), false);
  assert.is(filter(info("b")), true);
});

test("noDecayOn refuses what is no list of patterns", () => {
  const kinds = "a list of strings and regular expressions";
  // biome-ignore lint/suspicious/noSparseArray: a hole must not pass as a pattern
  const hole = ["a", , "b"];
  const cases: [unknown, ErrorConstructor, string][] = [
    ["bias", TypeError, `"patterns" of noDecayOn: expected ${kinds}, got "bias"`],
    [/bias/, TypeError, `"patterns" of noDecayOn: expected ${kinds}, got a RegExp`],
    [undefined, TypeError, `"patterns" of noDecayOn: expected ${kinds}, got undefined`],
    [[], RangeError, '"patterns" of noDecayOn: expected at least one pattern, got []'],
    [
      ["a", ""],
      RangeError,
      '"patterns[1]" of noDecayOn: expected a string that is not empty, got ""',
    ],
    [
      [1],
      TypeError,
      '"patterns[0]" of noDecayOn: expected a string or a regular expression, got 1',
    ],
    [
      hole,
      TypeError,
      '"patterns[1]" of noDecayOn: expected a string or a regular expression, got undefined',
    ],
  ];
  for (const [patterns, kind, message] of cases) {
    let error: unknown;
    try {
      noDecayOn(patterns as string[]);
    } catch (caught) {
      error = caught;
    }
    assert.ok(error instanceof Error, message);
    assert.is(error.message, message);
    assert.is(error.constructor, kind, message);
  }
});

test.run();
