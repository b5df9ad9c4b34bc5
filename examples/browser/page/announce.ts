import { find, setText } from "./dom.ts";
import type { Engine } from "./engine.ts";
import { percent } from "./format.ts";

/** Tells a screen reader how training goes: at the beginning, each quarter, and each end. */
export function announceProgress(engine: Engine): void {
  const region = find("announce", HTMLParagraphElement);
  let accuracy = "";
  let quarter = 0;

  engine.on("state", ({ state, step, steps }) => {
    quarter = Math.floor((4 * step) / steps);
    if (state === "training") setText(region, `Training, step ${step} of ${steps}.`);
    if (state === "paused") setText(region, `Paused at step ${step} of ${steps}.`);
    if (state === "idle") setText(region, "Back at the start.");
  });
  engine.on("evaluated", ({ newAccuracy, oldAccuracy }) => {
    accuracy = `New languages ${percent(newAccuracy, 0)}, old languages ${percent(oldAccuracy, 0)}.`;
  });
  engine.on("step", ({ step, steps }) => {
    const now = Math.floor((4 * step) / steps);
    if (now > quarter && now < 4) setText(region, `Step ${step} of ${steps}. ${accuracy}`);
    quarter = now;
  });
  engine.on("done", () => setText(region, `Training is done. ${accuracy}`));
}
