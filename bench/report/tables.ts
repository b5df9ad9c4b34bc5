import type { Case } from "./result.ts";
import { ratioOf, type Spread, spreadOf } from "./statistics.ts";
import { type Column, significant } from "./table.ts";
import type { TargetTable } from "./targets.ts";

// The contents of the tables, the same in the terminal and in docs/performance.md.

export interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
}

const left = (title: string): Column => ({ title, align: "left" });
const right = (title: string): Column => ({ title, align: "right" });

const range = ({ p10, p90 }: Spread) => `${significant(p10)} .. ${significant(p90)}`;

/** One case: the contenders' figures, and the ratio to the first of them. */
export function caseTable({ unit, measured }: Case): Table {
  const [reference] = measured;
  const rows = measured.map(({ name, rounds }, i) => {
    const figure = spreadOf(rounds);
    const ratio = ratioOf(rounds, reference.rounds);
    return [
      name,
      significant(figure.median),
      range(figure),
      ...(i === 0 ? ["1", ""] : [`${significant(ratio.median)}x`, range(ratio)]),
    ];
  });
  return {
    columns: [
      left("contender"),
      right(unit),
      right("p10 .. p90"),
      right(reference ? `time / ${reference.name}` : "ratio"),
      right("p10 .. p90"),
    ],
    rows,
  };
}

/** "not run: A, B: the reason", a line for each reason. */
export function notRunLines({ notRun }: Case): string[] {
  return [...new Set(notRun.map(({ why }) => why))].map((reason) => {
    const names = notRun.filter(({ why }) => why === reason).map(({ name }) => name);
    return `not run: ${names.join(", ")}: ${reason}`;
  });
}

export function targetTable(table: TargetTable): Table {
  return {
    columns: [
      left("promise"),
      left("state in"),
      right("target"),
      right("measured"),
      right("p10 .. p90"),
      left("at"),
      left("verdict"),
    ],
    rows: table.map(({ target, finding, verdict }) => {
      const { title, place, bound, format } = target;
      const spread = finding?.spread;
      return [
        title,
        place,
        bound ? `${bound.kind === "at least" ? ">=" : "<="} ${format(bound.value)}` : "-",
        finding ? format(finding.value) : "-",
        spread ? `${format(spread.p10)} .. ${format(spread.p90)}` : "",
        finding?.where ?? "",
        verdict,
      ];
    }),
  };
}

/** "31 met, 2 missed, 4 not run, 1 reported" */
export function targetSummary(table: TargetTable): string {
  const count = (start: string) => table.filter(({ verdict }) => verdict.startsWith(start)).length;
  return `${count("met")} met, ${count("missed")} missed, ${count("not run")} not run, ${count("reported")} reported only`;
}
