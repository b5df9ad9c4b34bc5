import type { SuiteResult } from "./result.ts";
import { ratioOf, type Spread, spreadOf } from "./statistics.ts";
import { significant } from "./table.ts";
import type { Table } from "./tables.ts";

const range = ({ p10, p90 }: Spread) => `${significant(p10)} .. ${significant(p90)}`;

/** The suite "slabs": a row for each model, beside a small one that was stepped in turns with it. */
export function slabsTable({ cases }: SuiteResult): Table {
  const columns = [
    { title: "linear memory", align: "left" },
    ...["ns/parameter", "p10 .. p90", "in one small memory", "ratio", "p10 .. p90"].map((title) => {
      return { title, align: "right" } as const;
    }),
  ] as const;
  const rows = cases.map(({ title, measured, notRun }) => {
    const [small, large] = measured;
    if (!small || !large) return [title, `not run: ${notRun[0]?.why}`, "", "", "", ""];
    const [figure, ratio] = [spreadOf(large.rounds), ratioOf(large.rounds, small.rounds)];
    return [
      title,
      significant(figure.median),
      range(figure),
      significant(spreadOf(small.rounds).median),
      `${significant(ratio.median)}x`,
      range(ratio),
    ];
  });
  return { columns, rows };
}
