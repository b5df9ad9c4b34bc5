import { plural, shorten, showCount } from "../text/format.ts";
import { type StepDifference, sideOf, type Value } from "./step-difference.ts";
import type { ComparedSteps } from "./walk.ts";

// Parts of sentences about steps and their values.

/** "1,000 steps", "steps 501 to 1,000, 3 skipped". */
export function stepsOf(compared: ComparedSteps | null): string {
  if (!compared) return "0 steps";
  const { from, to, skipped } = compared;
  const count = from === 1 ? plural(to, "step") : `steps ${showCount(from)} to ${showCount(to)}`;
  return skipped > 0 ? `${count}, ${showCount(skipped)} skipped` : count;
}

/** In what a step parted: "the gradients of 1 of 4 parameters". */
export function whatOf(first: StepDifference, parameters: number): string {
  const { settings, gradients, outcome, states } = first;
  switch (sideOf(first)) {
    case "settings":
      return listed(settings.map(({ what }) => what));
    case "gradients":
      return `the gradients of ${countOf(gradients, parameters)}`;
    case "optimizer":
      return `${whatOfAll([...outcome, ...states], parameters)}, by the same gradients`;
  }
}

const MOST_LISTED = 3;

function listed(names: readonly string[]): string {
  const more = names.length - MOST_LISTED;
  const shown = names.slice(0, MOST_LISTED).map((name) => shorten(name, 60));
  return `${shown.join(", ")}${more > 0 ? ` and ${showCount(more)} more` : ""}`;
}

/** "the state of 2 of 4 parameters, the digest". */
export function whatOfAll(values: readonly Value[], parameters: number): string {
  const states = values.filter(({ parameter }) => parameter !== null);
  return [
    ...(states.length > 0 ? [`the state of ${countOf(states, parameters)}`] : []),
    ...values
      .filter(({ parameter }) => parameter === null)
      .map(({ what }) => (what === "applied" ? "whether it was applied" : `the ${what}`)),
  ].join(", ");
}

/** "1 of 4 parameters", "all 4 parameters". */
export function countOf(values: readonly Value[], parameters: number): string {
  const all = plural(parameters, "parameter");
  return values.length === parameters && parameters > 1
    ? `all ${all}`
    : `${showCount(values.length)} of ${all}`;
}
