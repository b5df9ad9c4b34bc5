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

/** What we read of TensorFlow.js' model.json. */
export interface WeightsManifest {
  readonly weightsManifest: readonly {
    readonly paths: readonly string[];
    readonly weights: readonly WeightEntry[];
  }[];
}

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
 * Reads guesslang's TensorFlow.js graph model.
 *
 * The weights lie one after the other in the order of the manifest: strings as a 32-bit length and
 * their bytes, int32 as they are, float32 as one byte each, which stands for byte * scale + min.
 *
 * @param shards the bytes of each group of the manifest, its files joined
 * @throws Error if it is not the model that we know
 */
export function parseModel(
  { weightsManifest }: WeightsManifest,
  shards: readonly Uint8Array[],
): PretrainedModel {
  const tensors = new Map<string, Tensor>();
  let languages: string[] = [];
  weightsManifest.forEach(({ weights }, group) => {
    const bytes = shards[group];
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
  });
  if (languages.length === 0 || tensors.size !== Object.keys(NAMES).length) {
    throw new Error("it is not the model that this example knows");
  }
  return { languages, tensors };
}

function dequantise({ name, shape, quantization }: WeightEntry, bytes: Uint8Array): Tensor {
  if (!quantization) throw new Error(`expected ${name} in 8 bits`);
  const { scale, min } = quantization;
  return { shape, data: Float32Array.from(bytes, (byte) => byte * scale + min) };
}

function readStrings(bytes: Uint8Array, start: number, count: number) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const decoder = new TextDecoder();
  const strings: string[] = [];
  let end = start;
  for (let i = 0; i < count; i++) {
    const length = view.getUint32(end, true);
    strings.push(decoder.decode(bytes.subarray(end + 4, end + 4 + length)));
    end += 4 + length;
  }
  return { strings, end };
}
