import type { EvaluationFigures } from "../protocol.ts";
import { find, setText } from "./dom.ts";
import type { Engine } from "./engine.ts";
import { fixed, percent, whole } from "./format.ts";
import { onPlannedSteps, stepsOf } from "./planned-steps.ts";

/** The four numbers of the bar, what they are of, and how far the run is. */
export function statsView(engine: Engine): void {
  const step = find("step", HTMLElement);
  const ofSteps = find("of-steps", HTMLElement);
  const progress = find("progress", HTMLProgressElement);
  const loss = find("loss", HTMLElement);
  const accuracies = {
    new: find("new-accuracy", HTMLElement),
    old: find("old-accuracy", HTMLElement),
  };

  function showStep(done: number, steps: number): void {
    step.dataset.step = String(done);
    step.dataset.steps = String(steps);
    setText(step, whole(done));
    setText(ofSteps, `of ${whole(steps)}`);
    progress.value = done / steps;
  }
  function showLoss(value: number | undefined): void {
    if (value === undefined) delete loss.dataset.loss;
    else loss.dataset.loss = String(value);
    setText(loss, fixed(value, 3));
  }
  function showAccuracies({ newAccuracy, oldAccuracy, split }: EvaluationFigures): void {
    for (const [element, value] of [
      [accuracies.new, newAccuracy],
      [accuracies.old, oldAccuracy],
    ] as const) {
      element.dataset.value = String(value);
      setText(element, percent(value));
      if (element.nextElementSibling) setText(element.nextElementSibling, `${split} files`);
    }
  }

  engine.on("ready", ({ defaults }) => showStep(0, defaults.steps));
  engine.on("state", (now) => {
    showStep(now.step, stepsOf(now));
    if (now.state === "idle") showLoss(undefined);
  });
  engine.on("step", (now) => {
    showStep(now.step, now.steps);
    showLoss(now.loss);
  });
  engine.on("evaluated", showAccuracies);
  engine.on("loaded", ({ step, steps, history, evaluations }) => {
    showStep(step, steps);
    showLoss(history.at(-1)?.loss);
    const last = evaluations.at(-1);
    if (last) showAccuracies(last);
  });
  onPlannedSteps((steps) => showStep(0, steps));
}
