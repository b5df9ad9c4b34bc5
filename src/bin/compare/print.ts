import { stateLines } from "../diff/print.ts";
import type { Difference } from "../diff/state-differences.ts";
import { plural, shorten, showCount } from "../text/format.ts";
import { type Column, indent, list, table } from "../text/table.ts";
import type { ComparedLedger, CompareReport } from "./report.ts";
import { type StepDifference, sideOf, type Value } from "./step-difference.ts";
import { summaryLines } from "./summary.ts";

const OPTION = "--parameters all";
/** What tables call the two. */
type Sides = readonly [a: string, b: string];
const SIDES: Sides = ["A", "B"];

/** The report as lines for people, with at most so many rows to a table. */
export function compareLines(report: CompareReport, most: number): string[] {
  const { a, b, recorders, options, parameters, start, first, end } = report;
  const walked = parameters === null && start.length === 0;
  const sections: [title: string, lines: string[]][] = [
    ["Recorded by", recorderLines(recorders, SIDES)],
    ["Options", stateLines(options, most, OPTION)],
    ["Only in A", nameLines(parameters?.onlyInA ?? [], most)],
    ["Only in B", nameLines(parameters?.onlyInB ?? [], most)],
    ["Shapes", stateLines(parameters?.shapes ?? [], most, OPTION)],
    [startTitle(report), valueLines(start, most, OPTION, SIDES)],
    [
      `Step ${showCount(first?.step ?? 0)}`,
      valueLines(first ? causes(first) : [], most, OPTION, SIDES),
    ],
    ["At the end", valueLines(end, most, OPTION, SIDES)],
  ];
  return [
    ...list([
      ["A", describe(a, walked)],
      ["B", describe(b, walked)],
    ]),
    ...sections.flatMap(([title, lines]) =>
      lines.length > 0 ? ["", title, ...indent(lines)] : [],
    ),
    "",
    ...summaryLines(report),
  ];
}

const startTitle = ({ compared }: CompareReport) =>
  compared ? `After step ${showCount(compared.to)}` : "Before the first step";

/** What parted first: what follows from it is not for people. */
export function causes(first: StepDifference): readonly Value[] {
  const { settings, gradients, outcome, states } = first;
  const side = sideOf(first);
  if (side === "settings") return settings;
  return side === "gradients" ? [...gradients, ...outcome] : [...outcome, ...states];
}

function describe(
  { file, class: className, begins, steps, resumed, ending }: ComparedLedger,
  walked: boolean,
): string {
  if (!walked) return `${file}: ${className}`;
  const range =
    begins === 0 ? plural(steps, "step") : `steps ${showCount(begins + 1)} to ${showCount(steps)}`;
  const said = {
    closed: range,
    open: `${range}, not closed`,
    cut: `${range}, cut off within a line`,
    unread: `read up to step ${showCount(steps)}`,
  };
  const again = resumed > 0 ? `, taken up again ${plural(resumed, "time")}` : "";
  return `${file}: ${className}, ${said[ending ?? "unread"]}${again}`;
}

export function recorderLines(recorders: readonly Difference[], [a, b]: Sides): string[] {
  if (recorders.length === 0) return [];
  const columns: Column<Difference>[] = [
    { heading: "what", cell: ({ what }) => what },
    { heading: a, cell: (row) => showAny(row.a) },
    { heading: b, cell: (row) => showAny(row.b) },
  ];
  return table(columns, recorders);
}

const showAny = (value: unknown) => {
  if (value === undefined) return "-";
  return typeof value === "string" ? value : JSON.stringify(value);
};

export function valueLines(
  values: readonly Value[],
  most: number,
  option: string,
  [a, b]: Sides,
): string[] {
  if (values.length === 0) return [];
  const named = values.some(({ parameter }) => parameter !== null);
  const columns: (Column<Value> | false)[] = [
    { heading: "what", cell: ({ what }) => what },
    named && { heading: "parameter", cell: ({ parameter }) => parameter ?? "" },
    { heading: a, cell: (row) => showValue(row.a) },
    { heading: b, cell: (row) => showValue(row.b) },
  ];
  return [
    ...table(
      columns.filter((column) => column !== false),
      values.slice(0, most),
    ),
    ...rest(values.length, most, option),
  ];
}

function showValue(value: Value["a"]): string {
  if (value === undefined) return "-";
  if (typeof value === "boolean") return value ? "yes" : "no";
  return Object.is(value, -0) ? "-0" : String(value);
}

function nameLines(names: readonly string[], most: number): string[] {
  return [...names.slice(0, most).map((name) => shorten(name, 120)), ...rest(names.length, most)];
}

const rest = (count: number, most: number, option = OPTION) =>
  count > most ? [`and ${showCount(count - most)} more: ${option} shows them`] : [];
