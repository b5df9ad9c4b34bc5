import { Asker } from "./asker.ts";
import { find, setText } from "./dom.ts";
import type { Engine } from "./engine.ts";
import { percent } from "./format.ts";
import { type Guess, GuessList } from "./guesses.ts";
import { fullName } from "./names.ts";
import { snippetChips } from "./snippet-chips.ts";
import { SNIPPETS } from "./snippets.ts";

/** Some line of code; the model's own package answers nothing below 20 characters. */
const SHORT = 60;

/** The text box and what the model takes its text for, asked again as the weights change. */
export function tryIt(engine: Engine): void {
  const box = find("classify-text", HTMLTextAreaElement);
  const verdict = find("verdict", HTMLParagraphElement);
  const note = find("verdict-note", HTMLParagraphElement);
  const list = new GuessList(find("classify-result", HTMLOListElement));
  const asker = new Asker(engine);
  /** The first guess of the untrained model, by text. */
  const before = new Map<string, Guess>();
  let newLanguages = new Set<string>();

  /** The caret goes to the start, or the box would scroll to the end with the keyboard. */
  function fill(text: string): void {
    box.value = text;
    box.setSelectionRange(0, 0);
    box.scrollTop = 0;
  }

  function ask(): void {
    const text = box.value;
    if (text.trim() === "") {
      list.show([], () => false);
      setText(verdict, "Nothing to read");
      setText(note, "Paste some source code, or choose a sample.");
      return;
    }
    asker.ask("box", text, (top, step) => show(text, top, step));
  }

  function show(text: string, top: readonly Guess[], step: number): void {
    if (text !== box.value) return; // typed on since
    if (step === 0) before.set(text, top[0]);
    list.show(top, (language) => newLanguages.has(language));
    setText(verdict, fullName(top[0].language));
    verdict.classList.toggle("is-new", newLanguages.has(top[0].language));
    setText(note, noteFor(text, step));
  }

  function noteFor(text: string, step: number): string {
    if (text.length < SHORT) return "So short a text says little.";
    const first = before.get(text);
    if (step === 0) return "The model's guess before training.";
    if (!first) return `The model's guess after step ${step}.`;
    return `Before training: ${fullName(first.language)}, ${percent(first.probability, 0)}.`;
  }

  const chips = snippetChips(asker, {
    onChoose: (text) => {
      fill(text);
      ask();
    },
    onAnswer: (text, top, step) => {
      if (step === 0) before.set(text, top[0]);
    },
  });
  const refresh = () => {
    ask();
    chips.refresh();
  };

  fill(SNIPPETS[0].text);
  box.addEventListener("input", () => {
    chips.choose(box.value);
    ask();
  });
  engine.on("ready", (ready) => {
    newLanguages = new Set(ready.newLanguages);
    refresh();
  });
  engine.on("error", ({ doing }) => {
    if (doing === "loading") setText(note, "The model is not there to ask.");
  });
  engine.on("classes", (now) => {
    newLanguages = new Set(now.newLanguages);
    before.clear();
  });
  // Also asks again about what was typed while nothing could answer.
  for (const type of ["step", "state", "loaded", "classes", "done"] as const) {
    engine.on(type, refresh);
  }
}
