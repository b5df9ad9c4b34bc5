import { VOCABULARY } from "./vocabulary.ts";

/** A BERT in miniature. */
export interface Shape {
  readonly vocabulary: number;
  /** Tokens of a mail that the model sees. */
  readonly length: number;
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  readonly inner: number;
}

export const SHAPE: Shape = {
  vocabulary: VOCABULARY,
  length: 32,
  layers: 4,
  width: 48,
  heads: 3,
  inner: 192,
};

/** Parameters of the encoder, named as Hugging Face's BERT names them, by shape. */
export function encoderShapes({ vocabulary, length, layers, width, inner }: Shape) {
  const shapes: Record<string, readonly number[]> = {
    "embeddings.word_embeddings.weight": [vocabulary, width],
    "embeddings.position_embeddings.weight": [length, width],
  };
  const norm = (name: string) => {
    shapes[`${name}.LayerNorm.weight`] = [width];
    shapes[`${name}.LayerNorm.bias`] = [width];
  };
  const dense = (name: string, from: number, to: number) => {
    shapes[`${name}.weight`] = [from, to];
    shapes[`${name}.bias`] = [to];
  };
  norm("embeddings");
  for (let layer = 0; layer < layers; layer++) {
    const block = `encoder.layer.${layer}`;
    dense(`${block}.attention.self.query`, width, width);
    dense(`${block}.attention.self.key`, width, width);
    dense(`${block}.attention.self.value`, width, width);
    dense(`${block}.attention.output.dense`, width, width);
    norm(`${block}.attention.output`);
    dense(`${block}.intermediate.dense`, width, inner);
    dense(`${block}.output.dense`, inner, width);
    norm(`${block}.output`);
  }
  return shapes;
}

/** What fine-tuning adds: a mean over the tokens, then ham or spam. */
export function classifierShapes({ width }: Shape): Record<string, readonly number[]> {
  return { "classifier.weight": [width, 2], "classifier.bias": [2] };
}
