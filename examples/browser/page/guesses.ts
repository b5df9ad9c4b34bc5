import { make, setText } from "./dom.ts";
import { percent } from "./format.ts";
import { fullName } from "./names.ts";

export interface Guess {
  readonly language: string;
  readonly probability: number;
}

const ROWS = 5;

/** The most probable languages as bars; the rows stay, what they say changes. */
export class GuessList {
  readonly #rows;

  constructor(list: HTMLOListElement) {
    this.#rows = Array.from({ length: ROWS }, () => {
      const name = make("span", "guess-name");
      const fill = make("span", "guess-fill");
      const bar = make("span", "guess-bar", fill);
      const share = make("span", "guess-share");
      const item = make("li", "", name, bar, share);
      list.append(item);
      return { item, name, fill, share };
    });
    this.show([], () => false);
  }

  show(guesses: readonly Guess[], isNew: (language: string) => boolean): void {
    for (const [i, { item, name, fill, share }] of this.#rows.entries()) {
      const guess = guesses[i];
      if (guess) {
        item.dataset.language = guess.language;
        item.dataset.probability = String(guess.probability);
      } else {
        delete item.dataset.language;
        delete item.dataset.probability;
      }
      item.classList.toggle("is-new", guess !== undefined && isNew(guess.language));
      setText(name, guess ? fullName(guess.language) : " ");
      fill.style.transform = `scaleX(${guess?.probability ?? 0})`;
      setText(share, guess ? percent(guess.probability) : " ");
    }
  }
}
