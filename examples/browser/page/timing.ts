import type { StepFigures } from "../protocol.ts";
import { mean, median } from "./average.ts";
import { clockTick } from "./clock.ts";
import { find, make, oncePerFrame, setText } from "./dom.ts";
import type { Engine } from "./engine.ts";
import { count, fixed, rate, whole } from "./format.ts";
import { History } from "./history.ts";

const PARTS = [
  { name: "Gradients, TypeScript", className: "quiet", of: (step: StepFigures) => step.gradientMs },
  { name: "Optimizer, ashlar", className: "ours", of: (step: StepFigures) => step.optimizerMs },
  {
    name: "Optimizer, plain JavaScript",
    className: "quiet",
    of: (step: StepFigures) => step.plainJsMs,
  },
] as const;

/**
 * With a coarser clock than this, medians are but whole ticks: a step of ashlar takes about a
 * millisecond, and so long are some browsers' ticks without isolation. A mean keeps the rest.
 */
const COARSE_MS = 0.05;

/** Every frame averages anew: in a long run the last steps only. */
const MOST_STEPS = 1000;

/** What a step's parts take on average, side by side, and how the two optimizers compare. */
export function timingView(engine: Engine): void {
  const ratio = find("ratio", HTMLSpanElement);
  const ratioNote = find("ratio-note", HTMLElement);
  const note = find("timing-note", HTMLParagraphElement);
  const rows = PARTS.map(({ name, className }) => makeRow(name, className));
  find("timing-rows", HTMLDivElement).append(heading(), ...rows.map(({ element }) => element));
  let parameters = 0;
  let threads = 0;
  let distance: number | null = null;
  const tick = clockTick();
  const [average, averages] = tick > COARSE_MS ? [mean, "Means"] : [median, "Medians"];

  const paint = oncePerFrame(() => {
    const times = PARTS.map(({ of }) =>
      average(
        history.figures
          .slice(-MOST_STEPS)
          .map(of)
          .filter((ms) => ms !== null),
      ),
    );
    const longest = Math.max(...times.filter((ms) => !Number.isNaN(ms)), 1e-9);
    for (const [i, row] of rows.entries()) row.show(times[i], longest, parameters);
    const [, ashlar, plain] = times;
    const compared = ashlar > 0 && plain > 0;
    setText(ratio, compared ? `${fixed(plain / ashlar, 1)} ×` : "–");
    setText(ratioNote, compared ? asFastAs(threads) : reason(history.figures));
    setText(note, facts());
  });

  function facts(): string {
    const steps = Math.min(history.figures.length, MOST_STEPS);
    if (parameters === 0 || steps === 0) return "";
    return [
      `${averages} of ${count(steps, "step")} over ${whole(parameters)} parameters;`,
      threads > 1 ? `ashlar on ${threads} threads, the others on one.` : "all on one thread.",
      distance === null ? "" : `The weights of the two lie at most ${rate(distance)} apart.`,
      tick > COARSE_MS ? `This page's clock ticks every ${fixed(tick, 1)} ms.` : "",
    ].join(" ");
  }

  const history = new History(engine, paint);
  const sum = (list: readonly { count: number }[]) => list.reduce((n, { count }) => n + count, 0);
  engine.on("ready", (ready) => {
    parameters = sum(ready.parameters);
  });
  engine.on("classes", (now) => {
    parameters = sum(now.parameters);
    paint();
  });
  engine.on("state", (now) => {
    threads = now.threads;
    distance = null;
    paint();
  });
  engine.on("done", ({ plainJsDistance }) => {
    distance = plainJsDistance;
    paint();
  });
}

function asFastAs(threads: number): string {
  return `as fast as plain JavaScript, on ${count(threads, "thread")}`;
}

function reason(figures: readonly StepFigures[]): string {
  if (figures.length === 0) return "Train to measure.";
  return "Plain JavaScript does not run beside this one.";
}

function heading(): HTMLElement {
  const ms = make("span", "time-ms", "a step");
  const ns = make("span", "time-ns", "a parameter");
  return make("div", "time-row time-head", make("span", ""), make("span", ""), ms, ns);
}

function makeRow(name: string, className: string) {
  const fill = make("span", "time-fill");
  const ms = make("span", "time-ms", "–");
  const ns = make("span", "time-ns", " ");
  const element = make(
    "div",
    `time-row ${className}`,
    make("span", "time-name", name),
    make("span", "time-bar", fill),
    ms,
    ns,
  );
  return {
    element,
    show: (time: number, longest: number, parameters: number) => {
      const known = !Number.isNaN(time);
      fill.style.transform = `scaleX(${known ? time / longest : 0})`;
      setText(ms, known ? `${fixed(time, 2)} ms` : "–");
      setText(ns, known ? `${fixed((time * 1e6) / parameters, 2)} ns` : " ");
    },
  };
}
