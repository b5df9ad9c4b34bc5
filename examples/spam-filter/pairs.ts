import type { Random } from "../common/random.ts";
import type { Mail } from "./corpus.ts";
import { BREAK, START, type Vocabulary } from "./vocabulary.ts";

/** Two pieces of one mail, in tokens. */
export type Pair = readonly [number[], number[]];

/** Words that both pieces must have, or the mail is too short to be told from others. */
const LEAST_WORDS = 8;
const MOST_WORDS = 1 << 20;

/** Whether a mail can be cut in two. */
export function canBeCut({ body }: Mail): boolean {
  return body.length >= 2 * LEAST_WORDS;
}

/**
 * Cuts a body at a random place and takes a piece of each side: one that ends there or before, and
 * one that begins there or after. Half of the time the first is the
 * start of the mail, with its subject.
 */
export function pairOf(mail: Mail, vocabulary: Vocabulary, length: number, random: Random): Pair {
  const words = mail.body.slice(0, MOST_WORDS);
  const cut = LEAST_WORDS + random.below(words.length - 2 * LEAST_WORDS + 1);
  const piece = (from: number, to: number) => {
    const spare = Math.max(0, to - from - (length - 2));
    const start = from + random.below(spare + 1);
    const some = words.slice(start, Math.min(to, start + length - 2));
    return [START, BREAK, ...vocabulary.encode(some)];
  };
  const first =
    random.below(2) === 0
      ? vocabulary.encodeMail({ ...mail, body: words.slice(0, cut) }, length)
      : piece(0, cut);
  return [first, piece(cut, words.length)];
}
