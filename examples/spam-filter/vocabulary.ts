import type { Mail } from "./corpus.ts";
import { hash } from "./hash.ts";

/** Ids of tokens that are no words. */
export const PAD = 0;
export const START = 1;
export const MASK = 2;
/** Between subject and body. */
export const BREAK = 3;
const SPECIAL = 4;
/** Rare words share ids, by their hash. */
const BUCKETS = 124;

/** Number of ids. */
export const VOCABULARY = 1792;
/** Ids from here on stand for one word each. */
export const FIRST_WORD = SPECIAL + BUCKETS;

/** Token ids of words. */
export class Vocabulary {
  readonly #ids: ReadonlyMap<string, number>;
  /** Changes with every word. */
  readonly fingerprint: number;

  /** Of the words that occur in the most mails; ties by the alphabet. */
  constructor(mails: readonly Mail[]) {
    const counts = new Map<string, number>();
    for (const { subject, body } of mails) {
      for (const word of new Set([...subject, ...body])) {
        counts.set(word, (counts.get(word) ?? 0) + 1);
      }
    }
    const frequent = [...counts]
      .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
      .slice(0, VOCABULARY - FIRST_WORD)
      .map(([word]) => word);
    this.#ids = new Map(frequent.map((word, index) => [word, FIRST_WORD + index]));
    this.fingerprint = hash(frequent.join(" "));
  }

  encode(words: readonly string[]): number[] {
    return words.map((word) => this.#ids.get(word) ?? SPECIAL + (hash(word) % BUCKETS));
  }

  /** The start of a mail in `length` tokens or fewer. */
  encodeMail({ subject, body }: Mail, length: number): number[] {
    // A subject is shorter than this, or spam that hides in it.
    const head = this.encode(subject.slice(0, length / 2));
    return [START, ...head, BREAK, ...this.encode(body.slice(0, length))].slice(0, length);
  }
}
