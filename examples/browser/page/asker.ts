import type { Engine } from "./engine.ts";
import type { Guess } from "./guesses.ts";

type Answer = (top: readonly Guess[], step: number) => void;

interface Question {
  readonly text: string;
  readonly answer: Answer;
}

/**
 * Asks the worker what texts are, one question of a kind at a time: while one is on its way only
 * the latest next one is kept, so that questions never pile up before a worker that trains.
 */
export class Asker {
  readonly #engine: Engine;
  readonly #waiting = new Map<number, { kind: string; answer: Answer }>();
  readonly #next = new Map<string, Question>();
  readonly #busy = new Set<string>();
  #ids = 0;
  #ready = false;

  constructor(engine: Engine) {
    this.#engine = engine;
    engine.on("ready", () => {
      this.#ready = true;
    });
    engine.on("classified", ({ id, top, step }) => {
      const asked = this.#waiting.get(id);
      if (!asked) return;
      this.#waiting.delete(id);
      asked.answer(top, step);
      this.#free(asked.kind);
    });
    engine.on("error", ({ doing }) => {
      if (doing !== "classify") return;
      this.#waiting.clear();
      this.#busy.clear();
    });
  }

  ask(kind: string, text: string, answer: Answer): void {
    if (!this.#ready) return;
    if (this.#busy.has(kind)) {
      this.#next.set(kind, { text, answer });
      return;
    }
    this.#busy.add(kind);
    const id = ++this.#ids;
    this.#waiting.set(id, { kind, answer });
    this.#engine.send({ type: "classify", id, text });
  }

  #free(kind: string): void {
    this.#busy.delete(kind);
    const next = this.#next.get(kind);
    this.#next.delete(kind);
    if (next) this.ask(kind, next.text, next.answer);
  }
}
