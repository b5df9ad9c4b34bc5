import { type Batch, toBatch } from "./batch.ts";
import type { Mail } from "./corpus.ts";
import type { Encoder } from "./encoder.ts";
import type { Tf } from "./tensorflow.ts";
import type { Vocabulary } from "./vocabulary.ts";

export const HAM = 0;
export const SPAM = 1;

/** Mails as the model takes them. */
export interface Batches {
  readonly batches: readonly Batch[];
  readonly labels: readonly number[];
}

export interface Scores {
  readonly accuracy: number;
  /** Share of spam in what was called spam. */
  readonly precision: number;
  /** Share of what was called spam in all spam. */
  readonly recall: number;
  /** Harmonic mean of both. */
  readonly f1: number;
}

const BATCH = 32;

export function labelOf({ isSpam }: Mail): number {
  return isSpam ? SPAM : HAM;
}

export function toBatches(mails: readonly Mail[], vocabulary: Vocabulary, length: number): Batches {
  const batches: Batch[] = [];
  for (let start = 0; start < mails.length; start += BATCH) {
    const some = mails.slice(start, start + BATCH);
    batches.push(toBatch(some.map((mail) => vocabulary.encodeMail(mail, length))));
  }
  return { batches, labels: mails.map(labelOf) };
}

/** Whether the model calls each mail spam. */
export function verdicts(tf: Tf, encoder: Encoder, { batches }: Batches): boolean[] {
  return batches.flatMap((batch) => {
    const logits = tf.tidy(() => encoder.classify(batch).dataSync());
    return Array.from(
      { length: batch.count },
      (_, i) => logits[2 * i + SPAM] > logits[2 * i + HAM],
    );
  });
}

export function scores(called: readonly boolean[], labels: readonly number[]): Scores {
  const count = (spam: boolean, label: number) =>
    called.reduce((sum, each, i) => sum + (each === spam && labels[i] === label ? 1 : 0), 0);
  const caught = count(true, SPAM);
  const alarms = count(true, HAM);
  const missed = count(false, SPAM);
  return {
    accuracy: (caught + count(false, HAM)) / labels.length,
    precision: caught / Math.max(1, caught + alarms),
    recall: caught / Math.max(1, caught + missed),
    f1: (2 * caught) / Math.max(1, 2 * caught + alarms + missed),
  };
}
