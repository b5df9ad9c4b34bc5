import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { drawBars } from "../report/bars.ts";
import type { SuiteResult } from "../report/result.ts";
import { drawScaling } from "../report/scaling.ts";
import { toJson } from "../report/to-json.ts";

/** Writes <suite>.json for each result, and the drawings where `step` is among them. */
export function saveResults(folder: string, results: readonly SuiteResult[]): void {
  mkdirSync(folder, { recursive: true });
  const texts = results.map((result) => [result.suite, toJson(result)] as const);
  for (const [suite, text] of texts) writeFileSync(join(folder, `${suite}.json`), text);
  const found = texts.find(([suite]) => suite === "step");
  if (!found) return;
  // Of what the file says, so that the drawings can be made again from it.
  const step: SuiteResult = JSON.parse(found[1]);
  writeFileSync(join(folder, "step.svg"), drawBars(step));
  writeFileSync(join(folder, "scaling.svg"), drawScaling(step));
}

export function readResults(folder: string): SuiteResult[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")));
}
