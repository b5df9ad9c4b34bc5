import type { Asker } from "./asker.ts";
import { find, make, setText } from "./dom.ts";
import type { Guess } from "./guesses.ts";
import { fullName } from "./names.ts";
import { SNIPPETS, type Snippet } from "./snippets.ts";

interface Events {
  readonly onChoose: (text: string) => void;
  readonly onAnswer: (text: string, top: readonly Guess[], step: number) => void;
}

/** Often enough to see it learn; the worker has gradients to compute. */
const EVERY_MS = 250;

/** The samples as buttons; each says what the model takes it for now. */
export function snippetChips(asker: Asker, { onChoose, onAnswer }: Events) {
  let asked = Number.NEGATIVE_INFINITY;
  let late: ReturnType<typeof setTimeout> | undefined;

  const chips = SNIPPETS.map((snippet) => {
    const name = make("span", "chip-name", fullName(snippet.language));
    const guess = make("span", "chip-guess", " ");
    const button = make("button", "chip", name, guess);
    button.type = "button";
    button.addEventListener("click", () => {
      choose(snippet.text);
      onChoose(snippet.text);
    });
    return { snippet, button, guess };
  });
  find("snippets", HTMLFieldSetElement).append(...chips.map(({ button }) => button));

  function choose(text: string): void {
    for (const { snippet, button } of chips) {
      button.setAttribute("aria-pressed", String(snippet.text === text));
    }
  }

  function show({ language }: Snippet, [best]: readonly Guess[], chip: (typeof chips)[number]) {
    const right = best.language === language;
    chip.button.classList.toggle("right", right);
    setText(chip.guess, right ? "✓ recognised" : `taken for ${fullName(best.language)}`);
  }

  function refresh(): void {
    clearTimeout(late);
    const wait = asked + EVERY_MS - performance.now();
    if (wait > 0) {
      late = setTimeout(refresh, wait);
      return;
    }
    asked = performance.now();
    for (const chip of chips) {
      const { snippet } = chip;
      asker.ask(snippet.language, snippet.text, (top, step) => {
        onAnswer(snippet.text, top, step);
        show(snippet, top, chip);
      });
    }
  }

  choose(SNIPPETS[0].text);
  return { choose, refresh };
}
