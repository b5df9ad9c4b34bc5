import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { RESULTS } from "../cli.ts";
import { docsWithResults } from "../report/docs.ts";
import { ROOT } from "./root.ts";
import { readResults, saveResults } from "./save.ts";

/** Fills the tables of docs/performance.md from bench/results/, and draws the drawings again. */
export function writeDocs(): void {
  const folder = join(ROOT, RESULTS);
  const path = join(ROOT, "docs/performance.md");
  const results = readResults(folder);
  writeFileSync(path, docsWithResults(readFileSync(path, "utf8"), results));
  saveResults(folder, results);
}
