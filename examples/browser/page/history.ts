import type { EvaluationFigures, StepFigures } from "../protocol.ts";
import type { Engine } from "./engine.ts";
import { onPlannedSteps, stepsOf } from "./planned-steps.ts";

/** What a run has told so far, for the pictures that show more than its last step. */
export class History {
  /** Steps of the run. */
  steps = 1;
  readonly figures: StepFigures[] = [];
  readonly evaluations: EvaluationFigures[] = [];

  /** @param onChange called after each message that changes it */
  constructor(engine: Engine, onChange: () => void) {
    engine.on("ready", ({ defaults }) => {
      this.steps = defaults.steps;
      onChange();
    });
    engine.on("state", (now) => {
      this.steps = stepsOf(now);
      if (now.state === "idle") this.#clear();
      onChange();
    });
    onPlannedSteps((steps) => {
      this.steps = steps;
      onChange();
    });
    engine.on("step", (figures) => {
      this.figures.push(figures);
      onChange();
    });
    engine.on("evaluated", (evaluation) => {
      // The model before training was asked again: classes were added.
      if (evaluation.step === 0)
        remove(this.evaluations, (old) => old.step === 0 && old.split === evaluation.split);
      this.evaluations.push(evaluation);
      onChange();
    });
    engine.on("loaded", ({ steps, history, evaluations }) => {
      this.steps = steps;
      this.figures.splice(0, Number.POSITIVE_INFINITY, ...history);
      this.evaluations.splice(0, Number.POSITIVE_INFINITY, ...evaluations);
      onChange();
    });
  }

  /** Whatever was known of the untrained model stays true. */
  #clear(): void {
    this.figures.length = 0;
    remove(this.evaluations, ({ step }) => step > 0);
  }
}

function remove<T>(list: T[], which: (item: T) => boolean): void {
  const kept = list.filter((item) => !which(item));
  list.splice(0, list.length, ...kept);
}
