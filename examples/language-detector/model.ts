import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageFolder } from "./packages.ts";

/** A named array of weights, row-major. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** The model as it ships: what it tells apart, and its weights. */
export interface PretrainedModel {
  readonly languages: readonly string[];
  readonly tensors: ReadonlyMap<string, Tensor>;
}

interface WeightEntry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: "float32" | "int32" | "string";
  readonly quantization?: { readonly dtype: "uint8"; readonly min: number; readonly scale: number };
}

interface ModelJson {
  readonly weightsManifest: readonly {
    readonly paths: readonly string[];
    readonly weights: readonly WeightEntry[];
  }[];
}

const PACKAGE = "@vscode/vscode-languagedetection";
const LABELS = "head/predictions/class_string_lookup/Const";

/** Our short names for the graph's tensors. */
const NAMES: Readonly<Record<string, string>> = {
  "dnn/input_from_feature_columns/input_layer/content_embedding/embedding_weights":
    "embedding.weight",
  "dnn/hiddenlayer_0/kernel": "hidden1.weight",
  "dnn/hiddenlayer_0/bias": "hidden1.bias",
  "dnn/hiddenlayer_1/kernel": "hidden2.weight",
  "dnn/hiddenlayer_1/bias": "hidden2.bias",
  "dnn/logits/kernel": "logits.weight",
  "dnn/logits/bias": "logits.bias",
  "linear/linear_model/content/weights": "wide.weight",
  "linear/linear_model/bias_weights": "wide.bias",
};

/**
 * Reads guesslang's TensorFlow.js graph model out of the package that VS Code installs.
 *
 * The weights lie one after the other in the order of the manifest: strings as a 32-bit length and
 * their bytes, int32 as they are, float32 as one byte each, which stands for byte * scale + min.
 *
 * @throws Error naming the package if it is not installed or not the model that we know
 */
export function loadPretrained(): PretrainedModel {
  const folder = join(packageFolder(PACKAGE), "model");
  const model = JSON.parse(readFileSync(join(folder, "model.json"), "utf8")) as ModelJson;
  const tensors = new Map<string, Tensor>();
  let languages: string[] = [];
  for (const { paths, weights } of model.weightsManifest) {
    const bytes = Buffer.concat(paths.map((path) => readFileSync(join(folder, path))));
    let at = 0;
    for (const entry of weights) {
      const count = entry.shape.reduce((product, size) => product * size, 1);
      if (entry.dtype === "string") {
        const { strings, end } = readStrings(bytes, at, count);
        if (entry.name === LABELS) languages = strings;
        at = end;
        continue;
      }
      const end = at + (entry.quantization ? count : 4 * count);
      const name = NAMES[entry.name];
      if (name) tensors.set(name, dequantise(entry, bytes.subarray(at, end)));
      at = end;
    }
  }
  if (languages.length === 0 || tensors.size !== Object.keys(NAMES).length) {
    throw new Error(`package "${PACKAGE}": its model is not the one that this example knows`);
  }
  return { languages, tensors };
}

function dequantise({ name, shape, quantization }: WeightEntry, bytes: Uint8Array): Tensor {
  if (!quantization) throw new Error(`package "${PACKAGE}": expected ${name} in 8 bits`);
  const { scale, min } = quantization;
  return { shape, data: Float32Array.from(bytes, (byte) => byte * scale + min) };
}

function readStrings(bytes: Buffer, start: number, count: number) {
  const strings: string[] = [];
  let end = start;
  for (let i = 0; i < count; i++) {
    const length = bytes.readUInt32LE(end);
    strings.push(bytes.toString("utf8", end + 4, end + 4 + length));
    end += 4 + length;
  }
  return { strings, end };
}
