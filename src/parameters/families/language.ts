import { type FamilyRow, family, row } from "./family.ts";

// Module names read from the models of transformers 5.18 and, where they differ, 4.x and PaddleNLP.
// Order inside a family: blocks, embeddings, heads, norms; a head's own norm is then a head.
const HEADS = "classifier|classification_head|score|lm_head|qa_outputs|pooler";
const IN_A_STACK = "encoder|decoder";

/** BERT as Hugging Face names it: `encoder.layer.N`. Paddle's name is `encoder.layers.N`. */
const bertRows = [
  row("block", "encoder.layer.N"),
  row("embedding", "embeddings"),
  row("head", `${HEADS}|cls`),
];
const paddleRows = [
  row("block", "encoder.layers.N"),
  row("embedding", "embeddings"),
  row("head", `${HEADS}|cls`),
  row("norm", "encoder.norm"),
];
const llamaRows = [
  row("block", "layers.N", { notUnder: IN_A_STACK }),
  row("embedding", "embed_tokens"),
  row("head", HEADS),
  row("norm", "norm|final_layernorm", { notUnder: IN_A_STACK }),
];

/** An encoder and the decoder that reads it: decoder block N counts as block nE + N. */
function encoderDecoder(blocks: string, norm: string): FamilyRow[] {
  return ["encoder", "decoder"].flatMap((stack) => [
    row("block", `${stack}.${blocks}`, { stack }),
    row("norm", `${stack}.${norm}`, { stack }),
  ]);
}
const CHAIN = ["encoder", "decoder"];

export const languageFamilies = {
  /** BERT, of transformers. */
  bert: family("bert", "bert", bertRows),
  /** RoBERTa, of transformers. */
  roberta: family("roberta", "roberta", bertRows),
  /** ERNIE, of transformers. */
  ernie: family("ernie", "ernie", bertRows),
  /** BERT, of PaddleNLP. */
  bertPaddle: family("bertPaddle", "bert", paddleRows),
  /** RoBERTa, of PaddleNLP. */
  robertaPaddle: family("robertaPaddle", "roberta", paddleRows),
  /** ERNIE, of PaddleNLP. */
  erniePaddle: family("erniePaddle", "ernie", paddleRows),
  /** ELECTRA. */
  electra: family("electra", "electra", [
    row("block", "encoder.layer.N"),
    row("embedding", "embeddings|embeddings_project"),
    row("head", `${HEADS}|discriminator_predictions|generator_predictions|generator_lm_head`),
  ]),
  /** ALBERT. All the repetitions of a group share its weights: a group is one block. */
  albert: family("albert", "albert", [
    row("block", "albert_layer_groups.N"),
    row("embedding", "embeddings|encoder.embedding_hidden_mapping_in"),
    row("head", `${HEADS}|predictions|sop_classifier`),
  ]),
  /** DistilBERT. */
  distilbert: family("distilbert", "distilbert", [
    row("block", "transformer.layer.N"),
    row("embedding", "embeddings"),
    row("head", `${HEADS}|pre_classifier|vocab_transform|vocab_layer_norm|vocab_projector`),
  ]),
  /**
   * DeBERTa, v2 and v3. The relative positions feed every block from below; the convolution runs
   * beside block 0.
   */
  deberta: family("deberta", "deberta", [
    row("block", "encoder.layer.N"),
    row("block", "encoder.conv", { append: [0] }),
    row("embedding", "embeddings|encoder.rel_embeddings|encoder.LayerNorm"),
    row("head", `${HEADS}|cls|lm_predictions|mask_predictions`),
  ]),
  /** ModernBERT. */
  modernBert: family("modernBert", "model", [
    row("block", "layers.N", { notUnder: IN_A_STACK }),
    row("embedding", "embeddings"),
    row("head", `${HEADS}|head|decoder`),
    row("norm", "final_norm"),
  ]),
  /** XLNet. */
  xlnet: family("xlnet", "transformer", [
    row("block", "layer.N", { notUnder: IN_A_STACK }),
    row("embedding", "word_embedding|mask_emb"),
    row(
      "head",
      `${HEADS}|sequence_summary|logits_proj|lm_loss|start_logits|end_logits|answer_class`,
    ),
  ]),
  /** GPT-2. */
  gpt2: family("gpt2", "transformer", [
    row("block", "h.N"),
    row("embedding", "wte|wpe"),
    row("head", `${HEADS}|multiple_choice_head`),
    row("norm", "ln_f"),
  ]),
  /** GPT-NeoX and Pythia. */
  gptNeoX: family("gptNeoX", "gpt_neox", [
    row("block", "layers.N", { notUnder: IN_A_STACK }),
    row("embedding", "embed_in"),
    row("head", `${HEADS}|embed_out`),
    row("norm", "final_layer_norm", { notUnder: IN_A_STACK }),
  ]),
  /** OPT. */
  opt: family("opt", "decoder", [
    row("block", "decoder.layers.N"),
    row("embedding", "embed_tokens|embed_positions|project_in"),
    row("head", `${HEADS}|project_out`),
    row("norm", "decoder.final_layer_norm"),
  ]),
  /** BLOOM. */
  bloom: family("bloom", "transformer", [
    row("block", "h.N"),
    row("embedding", "word_embeddings|word_embeddings_layernorm"),
    row("head", HEADS),
    row("norm", "ln_f"),
  ]),
  /** LLaMA. */
  llama: family("llama", "model", llamaRows),
  /** Qwen. */
  qwen: family("qwen", "model", llamaRows),
  /** Mistral. */
  mistral: family("mistral", "model", llamaRows),
  /** T5: decoder block N counts as block nE + N. */
  t5: family(
    "t5",
    "transformer",
    [
      ...encoderDecoder("block.N", "final_layer_norm"),
      row("embedding", "shared|embed_tokens"),
      row("head", HEADS),
    ],
    CHAIN,
  ),
  /** BART, as t5. */
  bart: family(
    "bart",
    "model",
    [
      ...encoderDecoder("layers.N", "layer_norm"),
      row("embedding", "shared|embed_tokens|embed_positions|layernorm_embedding"),
      row("head", HEADS),
    ],
    CHAIN,
  ),
  /** Whisper, as t5. */
  whisper: family(
    "whisper",
    "model",
    [
      ...encoderDecoder("layers.N", "layer_norm"),
      row("embedding", "encoder.conv1|encoder.conv2|embed_positions|embed_tokens"),
      row("head", `${HEADS}|proj_out|projector|layer_weights`),
    ],
    CHAIN,
  ),
};
