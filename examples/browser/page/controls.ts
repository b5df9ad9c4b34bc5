import type { Capabilities, State, ToWorker } from "../protocol.ts";
import { find, setText } from "./dom.ts";
import type { Engine } from "./engine.ts";
import { count } from "./format.ts";

const STATES: Record<State, string> = {
  idle: "Ready.",
  training: "Training in a worker; this page stays free.",
  paused: "Paused.",
  done: "Done.",
};

/** The buttons and settings of a run: which are there, which can be pressed, what they say. */
export function controls(engine: Engine): void {
  const start = find("start", HTMLButtonElement);
  const pause = find("pause", HTMLButtonElement);
  const resume = find("resume", HTMLButtonElement);
  const reset = find("reset", HTMLButtonElement);
  const form = find("settings", HTMLFormElement);
  const steps = find("steps", HTMLInputElement);
  const seed = find("seed", HTMLInputElement);
  const threads = find("threads", HTMLSelectElement);
  const plainJs = find("plain-js", HTMLInputElement);
  const line = find("state", HTMLSpanElement);
  let capabilities: Capabilities | undefined;
  /** A button was pressed and the worker has not answered. Disabling it would take its focus. */
  let asked = false;
  let failed = false;

  /** One of three buttons fills the slot; who had the keyboard keeps it. */
  function show(state: State): void {
    const chosen = state === "training" ? pause : state === "paused" ? resume : start;
    const focused = [start, pause, resume, reset].find((one) => one === document.activeElement);
    asked = false;
    for (const button of [start, pause, resume]) {
      button.hidden = button !== chosen;
      button.disabled = button !== chosen || state === "done";
    }
    setText(start, state === "done" ? "Trained" : "Train");
    reset.disabled = state === "idle";
    reset.classList.toggle("primary", state === "done");
    if (focused?.hidden || focused?.disabled) (state === "done" ? reset : chosen).focus();
    for (const input of [steps, seed, threads, plainJs]) input.disabled = state !== "idle";
    line.dataset.state = state;
    setText(line, STATES[state]);
  }

  /** Sends nothing as long as a field holds something that it must not. */
  function begin(): void {
    if (start.disabled || !form.reportValidity()) return;
    ask({
      type: "start",
      threads: threadsOf(threads),
      seed: seed.valueAsNumber,
      steps: steps.valueAsNumber,
      plainJs: plainJs.checked,
    });
  }

  function ask(message: ToWorker): void {
    if (asked) return;
    asked = true;
    engine.send(message);
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    begin();
  });
  start.addEventListener("click", begin);
  pause.addEventListener("click", () => ask({ type: "pause" }));
  resume.addEventListener("click", () => ask({ type: "resume" }));
  reset.addEventListener("click", () => ask({ type: "reset" }));

  engine.on("loading", ({ what, share }) => {
    if (!failed) setText(line, `Loading ${what} … ${Math.round(100 * share)} %`);
  });
  engine.on("ready", (ready) => {
    capabilities = ready.capabilities;
    steps.value = String(ready.defaults.steps);
    seed.value = String(ready.defaults.seed);
    fillThreads(threads, capabilities);
    showThreads(capabilities, 0);
    show("idle");
  });
  engine.on("state", ({ state, threads }) => {
    show(state);
    if (capabilities) showThreads(capabilities, threads);
  });
  engine.on("loaded", (run) => {
    steps.value = String(run.steps);
    seed.value = String(run.seed);
  });
  engine.on("error", ({ doing }) => {
    if (doing === "loading") {
      failed = true; // other files may still be on their way
      setText(line, "Not loaded. Reload the page to try again.");
    } else if (capabilities) show((line.dataset.state as State | undefined) ?? "idle");
  });
}

/** What the select says, for a message. */
export function threadsOf(select: HTMLSelectElement): number | "auto" {
  return select.value === "auto" ? "auto" : Number(select.value);
}

function fillThreads(select: HTMLSelectElement, { isolated, cores, autoThreads }: Capabilities) {
  const most = isolated ? Math.min(cores, 8) : 1;
  const options = Array.from({ length: most }, (_, i) => new Option(String(i + 1)));
  select.replaceChildren(new Option(`auto (${autoThreads})`, "auto"), ...options);
}

function showThreads({ isolated, autoThreads }: Capabilities, running: number): void {
  const line = find("isolation", HTMLSpanElement);
  line.dataset.isolated = String(isolated);
  line.dataset.threads = String(running);
  const threads = count(running || autoThreads, "thread");
  setText(line, isolated ? `${threads}.` : "One thread: the page is not cross-origin isolated.");
}
