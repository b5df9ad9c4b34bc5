import type { Description } from "ashlar";
import { Random } from "../common/random.ts";
import { toBatch } from "./batch.ts";
import type { Mail } from "./corpus.ts";
import { Encoder } from "./encoder.ts";
import { labelOf } from "./evaluate.ts";
import { drawLabelled, shuffledBatches } from "./labelled.ts";
import { crossEntropy } from "./loss.ts";
import { makeOptimizer, type Setting } from "./optimizer.ts";
import { classifierShapes, encoderShapes, SHAPE } from "./shape.ts";
import type { Gradients, Tf } from "./tensorflow.ts";
import type { Vocabulary } from "./vocabulary.ts";
import { freshWeights, makeVariables, type Variables, type Weights } from "./weights.ts";

const BATCH = 16;
/** Every labelled mail six times. */
export const STEPS = 48;

export interface FineTuning {
  readonly tf: Tf;
  readonly mails: readonly Mail[];
  readonly vocabulary: Vocabulary;
  /** The encoder to start from; without, from nothing. */
  readonly pretrained?: Weights | undefined;
  readonly setting: Setting;
  /** Draws the labelled mails, their order and the first weights of the classifier. */
  readonly seed: number;
  readonly steps?: number;
  readonly onStep?: (step: number, loss: number) => void;
  /** Sees every gradient once more. */
  readonly rival?: { step(variables: Variables, gradients: Gradients): void };
}

export interface FineTuned {
  readonly encoder: Encoder;
  readonly losses: readonly number[];
  readonly gradientSeconds: number;
  readonly optimizerSeconds: number;
  /** SHA-256 of the weights. */
  readonly digest: string;
  /** Which parameter learns how fast. */
  readonly description: Description;
  dispose(): void;
}

export function fineTune(job: FineTuning): FineTuned {
  const { tf, vocabulary, setting, onStep, rival, steps = STEPS } = job;
  const random = new Random(job.seed);
  const labelled = drawLabelled(job.mails, random);
  const shapes = { ...encoderShapes(SHAPE), ...classifierShapes(SHAPE) };
  const variables = makeVariables(tf, shapes, {
    ...freshWeights(shapes, random),
    ...job.pretrained,
  });
  const encoder = new Encoder(tf, SHAPE, variables);
  const optimizer = makeOptimizer(tf, setting, steps);
  const batches = shuffledBatches(labelled, BATCH, random);

  const losses: number[] = [];
  let gradientSeconds = 0;
  let optimizerSeconds = 0;
  for (let step = 1; step <= steps; step++) {
    const mails = batches.next().value;
    const batch = toBatch(mails.map((mail) => vocabulary.encodeMail(mail, SHAPE.length)));
    const labels = mails.map(labelOf);

    const started = performance.now();
    const { value, grads } = tf.variableGrads(() =>
      crossEntropy(tf, encoder.classify(batch), labels),
    );
    losses.push(value.dataSync()[0]);
    const withGradients = performance.now();
    optimizer.applyGradients(grads);
    const done = performance.now();

    gradientSeconds += (withGradients - started) / 1000;
    optimizerSeconds += (done - withGradients) / 1000;
    rival?.step(variables, grads);
    tf.dispose([value, grads]);
    onStep?.(step, losses[losses.length - 1]);
  }
  const inside = optimizer.ashlar;
  if (!inside) throw new Error(`steps: expected at least 1, got ${steps}`);
  const [digest, description] = [inside.weightsDigest(), inside.describe()];
  optimizer.dispose();
  return {
    encoder,
    losses,
    gradientSeconds,
    optimizerSeconds,
    digest,
    description,
    dispose: () => tf.dispose(Object.values(variables)),
  };
}
