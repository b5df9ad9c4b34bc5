import { family, row } from "./family.ts";

// Module names read from the models of transformers 5.18 and, where they differ, 4.x; timm 1.0;
// and the repositories of BEiT, MAE and ConvNeXt.
const HEADS = "classifier|head|pooler|lm_head";
const IN_A_STACK = "encoder|decoder";

/** ViT as Hugging Face names it: `layers.N` since 5.0, `encoder.layer.N` before. */
const vitRows = [
  row("block", "encoder.layer.N"),
  row("block", "layers.N", { notUnder: IN_A_STACK }),
  // BEiT's position bias, where all blocks share one: it learns with the last block (as in BEiT).
  row("block", "shared_position_bias|encoder.relative_position_bias"),
  row("embedding", "embeddings"),
  row("head", `${HEADS}|cls_classifier|distillation_classifier|decoder`),
  row("norm", "layernorm"),
];

const CLIP_EMBEDDING = ["embeddings", "pre_layrnorm", "pre_layernorm"];
const CLIP_NORM = ["final_layer_norm", "post_layernorm"];

/** One tower of CLIP; "layrnorm" is how the original spells it. */
function tower(stack: string, module: string, projection: string) {
  const inside = (names: string[]) => names.map((name) => `${module}.${name}`).join("|");
  return [
    row("block", `${module}.encoder.layers.N`, { stack }),
    row("embedding", inside(CLIP_EMBEDDING), { stack }),
    row("head", `${module}.head|${projection}`, { stack }),
    row("norm", inside(CLIP_NORM), { stack }),
  ];
}

export const perceptionFamilies = {
  /** ViT, of transformers. */
  vit: family("vit", "vit", vitRows),
  /** DeiT. */
  deit: family("deit", "deit", vitRows),
  /** BEiT. */
  beit: family("beit", "beit", vitRows),
  /**
   * Vision transformers of timm. timm itself puts `norm_pre`, which runs before the blocks, beside
   * the last one; we don't.
   */
  timm: family("timm", "blocks", [
    row("block", "blocks.N"),
    row("block", "rel_pos_bias"),
    row("embedding", "cls_token|mask_token|reg_token|dist_token|pos_embed|patch_embed|norm_pre"),
    row("head", "head|head_dist|fc_norm|attn_pool|pre_logits"),
    row("norm", "norm"),
  ]),
  /** CLIP: two stacks, side by side. A tower on its own carries no tower's name. */
  clip: family("clip", "text_model", [
    ...tower("text", "text_model", "text_projection"),
    ...tower("vision", "vision_model", "visual_projection"),
    row("block", "encoder.layers.N"),
    row("embedding", CLIP_EMBEDDING.join("|")),
    row("head", `${HEADS}|logit_scale|logit_bias`),
    row("norm", CLIP_NORM.join("|")),
  ]),
  /**
   * Swin: blocks in stages. Hugging Face (and the original) end a stage with its downsampling, timm
   * begins one with it.
   */
  swin: family("swin", "swin", [
    row("block", "layers.N.blocks.N"),
    row("block", "encoder.layers.N.downsample"),
    row("block", "layers.N.downsample", { append: [0] }),
    row("embedding", "embeddings|patch_embed|absolute_pos_embed"),
    row("head", `${HEADS}|decoder`),
    row("norm", "norm|layernorm"),
  ]),
  /**
   * ConvNeXt: blocks in stages. The original keeps its stem as downsample_layers.0, ahead of stage
   * 0.
   */
  convnext: family("convnext", "convnext", [
    row("block", "stages.N.blocks.N|stages.N.layers.N|stages.N.N"),
    row("block", "stages.N.downsample|stages.N.downsampling_layer", { append: [0] }),
    row("embedding", "embeddings|stem|downsample_layers.0"),
    row("block", "downsample_layers.N", { append: [0] }),
    row("head", HEADS),
    row("norm", "norm|norm_pre|layernorm"),
  ]),
  /**
   * wav2vec 2.0. One encoder norm for two layouts: before the blocks in the base models, after them
   * in the large ones. Names don't tell; it learns at the full rate in both.
   */
  wav2vec2: family("wav2vec2", "wav2vec2", [
    row("block", "encoder.layers.N"),
    row(
      "embedding",
      "feature_extractor.conv_layers|feature_projection|encoder.pos_conv_embed|masked_spec_embed",
    ),
    row(
      "head",
      `${HEADS}|projector|adapter|quantizer|project_hid|project_q|tdnn|objective|layer_weights|feature_extractor`,
    ),
    row("norm", "encoder.layer_norm"),
  ]),
};
