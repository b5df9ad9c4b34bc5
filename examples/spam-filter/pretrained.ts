import { readFileSync } from "node:fs";
import { exampleFile } from "../common/packages.ts";
import { type FileTensor, fromSafetensors, toSafetensors } from "../common/safetensors.ts";
import { fromEightBits, toEightBits } from "./eight-bits.ts";
import { encoderShapes, SHAPE } from "./shape.ts";
import type { Vocabulary } from "./vocabulary.ts";
import type { Weights } from "./weights.ts";

export const PRETRAINED = "pretrained.safetensors";
const SCALE = ".scale";

/** The encoder's weights as a file: matrices in 8 bits with a scale by row, the rest in float32. */
export function packEncoder(
  weights: Weights,
  vocabulary: Vocabulary,
  notes: Readonly<Record<string, string>>,
): Uint8Array {
  const tensors: Record<string, FileTensor> = {};
  for (const [name, shape] of Object.entries(encoderShapes(SHAPE))) {
    if (shape.length === 2) {
      const { values, scales } = toEightBits(weights[name], shape[0]);
      tensors[name] = { shape, data: values };
      tensors[name + SCALE] = { shape: [shape[0]], data: scales };
    } else tensors[name] = { shape, data: weights[name] };
  }
  const metadata = { vocabulary: String(vocabulary.fingerprint), ...notes };
  return toSafetensors({ tensors, metadata });
}

/** @throws Error if the file belongs to other words, or lacks a tensor */
export function unpackEncoder(file: Uint8Array, vocabulary: Vocabulary): Weights {
  const { tensors, metadata } = fromSafetensors(file);
  if (metadata.vocabulary !== String(vocabulary.fingerprint)) {
    const got = `vocabulary ${vocabulary.fingerprint}`;
    throw new Error(`${PRETRAINED}: expected vocabulary ${metadata.vocabulary}, got ${got}`);
  }
  const names = Object.keys(encoderShapes(SHAPE));
  return Object.fromEntries(
    names.map((name) => {
      const found = tensors[name];
      if (!found) throw new Error(`${PRETRAINED}: tensor ${name} is missing`);
      const { data } = found;
      if (data instanceof Float32Array) return [name, data];
      const scales = tensors[name + SCALE].data as Float32Array;
      return [name, fromEightBits({ values: data, scales })];
    }),
  );
}

/** What pretrain.ts left in the project. */
export function loadPretrained(vocabulary: Vocabulary): Weights {
  return unpackEncoder(readFileSync(exampleFile("spam-filter", PRETRAINED)), vocabulary);
}
