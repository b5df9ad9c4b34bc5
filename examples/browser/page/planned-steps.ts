import type { State } from "../protocol.ts";
import { find } from "./dom.ts";

/** Steps of the run; of the one that the settings would start, where there is none. */
export function stepsOf({ state, steps }: { state: State; steps: number }): number {
  const input = find("steps", HTMLInputElement);
  return state === "idle" && input.validity.valid ? input.valueAsNumber : steps;
}

/** Calls back when the user has written another valid number of steps. */
export function onPlannedSteps(handler: (steps: number) => void): void {
  const input = find("steps", HTMLInputElement);
  input.addEventListener("input", () => {
    if (input.validity.valid) handler(input.valueAsNumber);
  });
}
