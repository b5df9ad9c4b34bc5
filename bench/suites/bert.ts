/** Sizes of a BERT. */
export interface BertShape {
  readonly vocabulary: number;
  readonly positions: number;
  readonly hidden: number;
  readonly inner: number;
  readonly layers: number;
}

export const BERT_BASE: BertShape = {
  vocabulary: 30_522,
  positions: 512,
  hidden: 768,
  inner: 3072,
  layers: 12,
};

/** As many tensors of the same kinds, 0.9 million weights. */
export const BERT_TINY: BertShape = {
  vocabulary: 3_000,
  positions: 512,
  hidden: 64,
  inner: 256,
  layers: 12,
};

/** Names and shapes of its tensors, as Hugging Face names them: 199 at 12 layers. */
export function bertShapes(shape: BertShape): Record<string, number[]> {
  const { vocabulary, positions, hidden, inner, layers } = shape;
  const shapes: Record<string, number[]> = {};
  const dense = (name: string, from: number, to: number) => {
    shapes[`${name}.weight`] = [to, from];
    shapes[`${name}.bias`] = [to];
  };
  const norm = (name: string) => {
    shapes[`${name}.weight`] = [hidden];
    shapes[`${name}.bias`] = [hidden];
  };
  shapes["bert.embeddings.word_embeddings.weight"] = [vocabulary, hidden];
  shapes["bert.embeddings.position_embeddings.weight"] = [positions, hidden];
  shapes["bert.embeddings.token_type_embeddings.weight"] = [2, hidden];
  norm("bert.embeddings.LayerNorm");
  for (let layer = 0; layer < layers; layer++) {
    const block = `bert.encoder.layer.${layer}`;
    for (const part of ["query", "key", "value"]) {
      dense(`${block}.attention.self.${part}`, hidden, hidden);
    }
    dense(`${block}.attention.output.dense`, hidden, hidden);
    norm(`${block}.attention.output.LayerNorm`);
    dense(`${block}.intermediate.dense`, hidden, inner);
    dense(`${block}.output.dense`, inner, hidden);
    norm(`${block}.output.LayerNorm`);
  }
  dense("bert.pooler.dense", hidden, hidden);
  return shapes;
}

export const sizeOf = (shape: readonly number[]) => shape.reduce((size, one) => size * one, 1);
