import type { Random } from "../common/random.ts";
import type { Mail } from "./corpus.ts";

/** Mails of the training part whose label is known; all others only help to learn the language. */
export const LABELLED = 128;

export function drawLabelled(mails: readonly Mail[], random: Random): Mail[] {
  const shuffled = [...mails];
  random.shuffle(shuffled);
  return shuffled.slice(0, LABELLED);
}

/** Batches of some mails, without end: all of them in a new order, again and again. */
export function* shuffledBatches<Item>(
  items: readonly Item[],
  size: number,
  random: Random,
): Generator<Item[], never> {
  for (;;) {
    const order = [...items];
    random.shuffle(order);
    for (let start = 0; start + size <= order.length; start += size) {
      yield order.slice(start, start + size);
    }
  }
}
