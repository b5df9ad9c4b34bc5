import { extractFeatures } from "../../language-detector/features.ts";
import {
  type PretrainedModel,
  parseModel,
  type WeightsManifest,
} from "../../language-detector/model-format.ts";
import type { LabelledFile, Sample } from "../../language-detector/sample.ts";

/** All that a run starts from. */
export interface Corpus {
  readonly model: PretrainedModel;
  readonly train: readonly Sample[];
  readonly validation: readonly LabelledFile[];
  readonly test: readonly LabelledFile[];
}

/** What lies where in the packed files, in their order. */
export interface CorpusIndex {
  readonly model: WeightsManifest;
  /** Length of each group's bytes in the packed model. */
  readonly shards: readonly number[];
  readonly train: readonly (Pick<Sample, "language" | "package" | "path"> & {
    readonly length: number;
  })[];
  readonly validation: readonly PackedFeatures[];
  readonly test: readonly PackedFeatures[];
}

interface PackedFeatures {
  readonly language: string;
  readonly buckets: number;
  readonly total: number;
}

export interface PackedCorpus {
  readonly index: CorpusIndex;
  readonly model: Uint8Array;
  /** Training files as they are: the sampler cuts pieces out of them. */
  readonly train: Uint8Array;
  /** Held-out files as features: for each its buckets, then its counts, 16 bits each. */
  readonly heldOut: Uint8Array;
}

/** The files of a page: what packCorpus has made of the packages. */
export function packCorpus(
  { train, validation, test }: Omit<Corpus, "model">,
  { model, shards }: { model: WeightsManifest; shards: readonly Uint8Array[] },
): PackedCorpus {
  const listed = (files: readonly LabelledFile[]) =>
    files.map(({ language, features: { buckets, total } }) => ({
      language,
      buckets: buckets.length,
      total,
    }));
  const numbers = [...validation, ...test].flatMap(({ features: { buckets, counts } }) => [
    ...buckets,
    ...counts,
  ]);
  const heldOut = new DataView(new ArrayBuffer(2 * numbers.length));
  numbers.forEach((value, i) => {
    heldOut.setUint16(2 * i, value, true);
  });
  return {
    index: {
      model: { weightsManifest: model.weightsManifest },
      shards: shards.map(({ length }) => length),
      train: train.map(({ language, package: name, path, bytes }) => ({
        ...{ language, package: name, path, length: bytes.length },
      })),
      validation: listed(validation),
      test: listed(test),
    },
    model: joined(shards),
    train: joined(train.map(({ bytes }) => bytes)),
    heldOut: new Uint8Array(heldOut.buffer),
  };
}

/** @throws Error where a packed file has another length than its index says */
export function unpackCorpus({ index, model, train, heldOut }: PackedCorpus): Corpus {
  const modelBytes = new Cursor("model", model);
  const trainBytes = new Cursor("train", train);
  const features = new Cursor("held-out", heldOut);
  const heldOutFiles = (listed: readonly PackedFeatures[]) =>
    listed.map(({ language, buckets, total }) => ({
      language,
      features: { buckets: features.take16(buckets), counts: features.take16(buckets), total },
    }));
  const corpus = {
    model: parseModel(
      index.model,
      index.shards.map((length) => modelBytes.take(length)),
    ),
    train: index.train.map(({ language, package: name, path, length }) => {
      const bytes = trainBytes.take(length);
      return { language, package: name, path, bytes, features: extractFeatures(bytes) };
    }),
    validation: heldOutFiles(index.validation),
    test: heldOutFiles(index.test),
  };
  for (const cursor of [modelBytes, trainBytes, features]) cursor.end();
  return corpus;
}

/** Takes one run of bytes after the other. */
class Cursor {
  readonly #name: string;
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(name: string, bytes: Uint8Array) {
    this.#name = name;
    this.#bytes = bytes;
  }

  take(length: number): Uint8Array {
    this.#at += length;
    if (this.#at > this.#bytes.length) this.#fail();
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  take16(count: number): Uint16Array {
    const bytes = this.take(2 * count);
    return Uint16Array.from({ length: count }, (_, i) => bytes[2 * i] | (bytes[2 * i + 1] << 8));
  }

  end(): void {
    if (this.#at !== this.#bytes.length) this.#fail();
  }

  #fail(): never {
    throw new Error(`the packed ${this.#name} files have not the length that their index says`);
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
