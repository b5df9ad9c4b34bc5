import { suite } from "uvu";
import * as assert from "uvu/assert";
import { packCorpus, unpackCorpus } from "../examples/browser/engine/corpus.ts";
import { readModelFiles } from "../examples/language-detector/model.ts";
import { smallCorpus } from "./reference/browser-session.ts";

// The files that the page fetches.

const test = suite("browser example: packed files");

const corpus = smallCorpus();
const packed = packCorpus(corpus, readModelFiles());

test("what is packed comes back: model, training files, features of held-out files", () => {
  const index = JSON.parse(JSON.stringify(packed.index));
  const back = unpackCorpus({ ...packed, index });
  assert.equal(back.model.languages, corpus.model.languages);
  for (const [name, { shape, data }] of corpus.model.tensors) {
    assert.equal(back.model.tensors.get(name)?.shape, shape);
    const bits = (values?: Float32Array) => new Uint32Array(values?.slice().buffer ?? []);
    assert.equal(bits(back.model.tensors.get(name)?.data), bits(data), name);
  }
  assert.is(back.train.length, corpus.train.length);
  corpus.train.forEach((sample, i) => {
    assert.equal({ ...back.train[i], bytes: null }, { ...sample, bytes: null });
    assert.is(Buffer.compare(back.train[i].bytes, sample.bytes), 0, sample.path);
  });
  for (const split of ["validation", "test"] as const) {
    assert.equal(
      back[split],
      corpus[split].map(({ language, features }) => ({ language, features })),
    );
  }
});

test("held-out files leave as features, not as text", () => {
  const { test: held } = corpus;
  const bytes = held.reduce((sum, { features }) => sum + 4 * features.buckets.length, 0);
  assert.ok(packed.heldOut.length >= bytes);
  const sample = held.find((one) => "bytes" in one && (one.bytes as Uint8Array).length > 400);
  const text = sample && "bytes" in sample ? (sample.bytes as Uint8Array).subarray(100, 140) : null;
  assert.ok(text);
  for (const part of [packed.heldOut, packed.train, packed.model]) {
    assert.is(Buffer.from(part).indexOf(text), -1);
  }
});

test("a packed file that is too short or too long is refused by name", () => {
  for (const part of ["model", "train", "heldOut"] as const) {
    const name = part === "heldOut" ? "held-out" : part;
    for (const bytes of [packed[part].subarray(1), Buffer.concat([packed[part], Buffer.of(0)])]) {
      assert.throws(
        () => unpackCorpus({ ...packed, [part]: bytes }),
        new RegExp(`the packed ${name} files have not the length|not the model`),
      );
    }
  }
});

test.run();
