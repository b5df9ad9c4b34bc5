// Makes pretrained.safetensors: node dist/examples/spam-filter/pretrain.js [FILE]
//
// Without labels: which two pieces come from the same mail? (InfoNCE with the other mails of the
// batch as wrong answers, as in DeCLUTR, Giorgi et al. 2021.) Masked words, tried first, had not
// brought the loss below that of word frequencies after 650 steps.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import process from "node:process";
import { cosineWithWarmup, noDecayOnBiasAndNorm } from "ashlar";
import * as tfjs from "ashlar/tfjs";
import { Random } from "../common/random.ts";
import { ProgressBar, print } from "../common/terminal.ts";
import { type Batch, toBatch } from "./batch.ts";
import { loadCorpus } from "./corpus.ts";
import { Encoder } from "./encoder.ts";
import { crossEntropy } from "./loss.ts";
import { transposed } from "./operations.ts";
import { canBeCut, pairOf } from "./pairs.ts";
import { PRETRAINED, packEncoder } from "./pretrained.ts";
import { encoderShapes, SHAPE } from "./shape.ts";
import { loadTensorFlow, type Tensor } from "./tensorflow.ts";
import { Vocabulary } from "./vocabulary.ts";
import { freshWeights, makeVariables, readVariables } from "./weights.ts";
import { wordVectors } from "./word-vectors.ts";

const SEED = 20261122;
const STEPS = 600;
const PAIRS = 16;
/** Of a mail, for the vectors of words: long mails are newsletters. */
const WORDS_PER_MAIL = 600;

const out = process.argv[2] ?? `out/${PRETRAINED}`;
mkdirSync(dirname(out), { recursive: true });
const tf = await loadTensorFlow();
await tfjs.ready();
const { train } = loadCorpus();
const mails = train.filter(canBeCut);
const vocabulary = new Vocabulary(train);
const random = new Random(SEED);

print("vectors of words");
const texts = train.map(({ subject, body }) => {
  return vocabulary.encode([...subject, ...body]).slice(0, WORDS_PER_MAIL);
});
const vectors = wordVectors(texts, SHAPE.vocabulary, SHAPE.width, random);
const shapes = encoderShapes(SHAPE);
const variables = makeVariables(tf, shapes, {
  ...freshWeights(shapes, random),
  "embeddings.word_embeddings.weight": vectors,
});
const encoder = new Encoder(tf, SHAPE, variables);
const optimizer = tfjs.adamW(tf, {
  lr: cosineWithWarmup({ peak: 1e-3, warmupSteps: 50, totalSteps: STEPS }),
  betas: [0.9, 0.98],
  weightDecay: 0.01,
  decays: noDecayOnBiasAndNorm,
});

const bar = new ProgressBar("step", STEPS);
for (let step = 1; step <= STEPS; step++) {
  const batch = nextBatch();
  const { value, grads } = tf.variableGrads(() => lossOf(batch));
  optimizer.applyGradients(grads);
  bar.update(step, `loss ${value.dataSync()[0].toFixed(3)}`);
  tf.dispose([value, grads]);
}
writeFileSync(out, packEncoder(readVariables(variables), vocabulary, { steps: String(STEPS) }));
print(`wrote ${out}`);

/** First pieces of some mails, then second pieces of the same. */
function nextBatch(): Batch {
  const pairs = Array.from({ length: PAIRS }, () => {
    return pairOf(mails[random.below(mails.length)], vocabulary, SHAPE.length, random);
  });
  return toBatch([0, 1].flatMap((side) => pairs.map((pair) => pair[side])));
}

/** Finds the second of each first, and the first of each second. */
function lossOf(batch: Batch): Tensor {
  const logits = encoder.match(batch);
  const own = Array.from({ length: PAIRS }, (_, i) => i);
  const both = tf.add(crossEntropy(tf, logits, own), crossEntropy(tf, transposed(tf, logits), own));
  return tf.mul(both, 0.5);
}
