import type { SuiteResult } from "./result.ts";
import { slabsTable } from "./slabs.ts";
import { markdownTable } from "./table.ts";
import { caseTable, notRunLines, type Table, targetSummary, targetTable } from "./tables.ts";
import { judgeTargets } from "./targets.ts";

// docs/performance.md is written by hand but for what stands between two markers.

const MARKED = /(<!-- bench:([\w-]+) -->\n)[\s\S]*?(<!-- \/bench:\2 -->)/g;

/** The text with each `<!-- bench:NAME -->` section filled. @throws Error for an unknown NAME */
export function docsWithResults(text: string, results: readonly SuiteResult[]): string {
  return text.replace(MARKED, (_, begin: string, name: string, end: string) => {
    return `${begin}${section(name, results).join("\n")}\n${end}`;
  });
}

function section(name: string, results: readonly SuiteResult[]): string[] {
  if (name === "targets") {
    const judged = judgeTargets(results);
    return [...markdown(targetTable(judged)), "", `${targetSummary(judged)}.`];
  }
  if (name === "machine") return machine(results);
  const result = results.find(({ suite }) => suite === name);
  if (!result) throw new Error(`docs: expected the results of "${name}", there are none`);
  if (name === "slabs") return markdown(slabsTable(result));
  return result.cases.flatMap((one, i) => {
    const rounds = one.measured[0]?.rounds.length ?? 0;
    const title = `**${one.title}**: median of ${rounds} rounds.`;
    const missing = notRunLines(one).flatMap((line) => ["", `${line}.`]);
    return [...(i > 0 ? [""] : []), title, "", ...markdown(caseTable(one)), ...missing];
  });
}

function machine(results: readonly SuiteResult[]): string[] {
  const [first] = results;
  if (!first) throw new Error("docs: expected results, there are none");
  const { cpu, cores, caches, memoryGiB, system } = first.machine;
  const days = [...new Set(results.map(({ date }) => date.slice(0, 10)))].sort();
  return [
    `${cpu}, ${cores} cores, ${caches.join(", ")}, ${memoryGiB} GiB, ${system}; ${days.join(", ")}.`,
    "",
    `${Object.entries(first.versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(", ")}.`,
  ];
}

const markdown = ({ columns, rows }: Table) => markdownTable(columns, rows);
