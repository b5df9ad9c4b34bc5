import type { FromWorker } from "../protocol.ts";
import { find } from "./dom.ts";
import type { Engine } from "./engine.ts";

type Doing = Extract<FromWorker, { type: "error" }>["doing"];

/** What failed, in the words of the buttons. */
const FAILED: Partial<Record<Doing, string>> = {
  loading: "The model could not be loaded.",
  training: "Training stopped.",
  start: "Training could not start.",
  save: "The checkpoint could not be saved.",
  load: "This file could not be opened, and nothing has changed.",
  addClass: "The language could not be added.",
  removeClass: "The language could not be removed.",
  classify: "The text could not be read.",
};

/** Shows the worker's last error until it is dismissed or something goes well. */
export function errorBox(engine: Engine): void {
  const box = find("error-box", HTMLDivElement);
  const text = find("error", HTMLParagraphElement);
  const clear = () => {
    box.hidden = true;
    text.textContent = "";
  };
  engine.on("error", ({ message, doing }) => {
    box.hidden = false;
    const end = /[.!?]$/.test(message) ? "" : ".";
    text.textContent = `${FAILED[doing] ?? "That did not work."} ${message}${end}`;
  });
  engine.on("state", clear);
  engine.on("loaded", clear);
  engine.on("saved", clear);
  engine.on("classes", clear);
  find("error-close", HTMLButtonElement).addEventListener("click", () => {
    clear();
    find("run", HTMLDivElement).focus({ preventScroll: true });
  });
}
