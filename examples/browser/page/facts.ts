import type { FromWorker } from "../protocol.ts";
import { find, setText } from "./dom.ts";
import type { Engine } from "./engine.ts";
import { whole } from "./format.ts";

type Known = Pick<
  Extract<FromWorker, { type: "ready" }>,
  "languages" | "newLanguages" | "parameters"
>;

/** How large the thing is, in four numbers. */
export function factsView(engine: Engine): void {
  const fact = (name: string, text: string) => setText(find(`fact-${name}`, HTMLElement), text);

  function show({ languages, newLanguages, parameters }: Known): void {
    fact("weights", whole(parameters.reduce((sum, { count }) => sum + count, 0)));
    fact("languages", `${languages.length - newLanguages.length} + ${newLanguages.length}`);
  }

  engine.on("ready", (ready) => {
    show(ready);
    fact("train", whole(ready.files.train));
    fact("test", whole(ready.files.test));
  });
  engine.on("classes", show);
}
