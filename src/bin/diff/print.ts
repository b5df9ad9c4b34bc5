import type { OptionData } from "../../optimizers/checkpoint/option-data.ts";
import { plural, shorten, showCount, showNumber, showShape } from "../text/format.ts";
import { showOption } from "../text/show-option.ts";
import { type Column, indent, list, table } from "../text/table.ts";
import type { ComparedTensor, DiffedFile, DiffReport } from "./report.ts";
import type { Difference } from "./state-differences.ts";

/** The report as lines for people, with at most so many tensors. */
export function diffLines(report: DiffReport, mostTensors: number): string[] {
  const { a, b, compared, onlyInA, onlyInB, tensors } = report;
  const differing = tensors.filter(({ equal }) => !equal);
  const sections: [title: string, lines: string[]][] = [
    [a.kind === "checkpoint" ? "State" : "Metadata", stateLines(report.state, mostTensors)],
    ["Tensors that differ", tensorLines(differing, mostTensors)],
    ["Only in A", nameLines(onlyInA, mostTensors)],
    ["Only in B", nameLines(onlyInB, mostTensors)],
  ];
  return [
    ...list([
      ["A", describe(a)],
      ["B", describe(b)],
    ]),
    ...(compared === "weights" ? ["Compared: the weights, as only one is a checkpoint"] : []),
    ...sections.flatMap(([title, lines]) =>
      lines.length > 0 ? ["", title, ...indent(lines)] : [],
    ),
    "",
    summary(report, differing.length),
  ];
}

function describe({ file, kind, class: className, steps }: DiffedFile): string {
  if (kind === "safetensors") return `${file}: a safetensors file`;
  return `${file}: a checkpoint of ${className} after ${plural(steps as number, "step")}`;
}

function summary(report: DiffReport, differing: number): string {
  const { a, same, compared, tensors, state, onlyInA, onlyInB } = report;
  const said = a.kind === "checkpoint" ? "the state" : "the metadata";
  const all = plural(tensors.length, "tensor");
  if (same) return `Same: the bits of ${all}${compared === "all" ? ` and ${said}` : ""}`;
  const found = [
    differing > 0 ? `${showCount(differing)} of ${all} in both` : "",
    onlyInA.length > 0 ? `${plural(onlyInA.length, "tensor")} only in A` : "",
    onlyInB.length > 0 ? `${plural(onlyInB.length, "tensor")} only in B` : "",
    state.length > 0 ? `${plural(state.length, "value")} of ${said}` : "",
  ];
  return `Different: ${found.filter((text) => text !== "").join(", ")}`;
}

const rest = (count: number, most: number, option = "--tensors all") =>
  count > most ? [`and ${showCount(count - most)} more: ${option} shows them`] : [];

function nameLines(names: readonly string[], most: number): string[] {
  return [...names.slice(0, most).map((name) => shorten(name, 120)), ...rest(names.length, most)];
}

/** Many parameters often differ in the same way: such share a row. */
export function stateLines(
  differences: readonly Difference[],
  most: number,
  option?: string,
  [a, b]: readonly [a: string, b: string] = ["A", "B"],
): string[] {
  const rows = new Map<string, Difference & { readonly names: string[] }>();
  for (const difference of differences) {
    const { where, what } = difference;
    const isParameter = where.startsWith("parameter ");
    const key = JSON.stringify([
      isParameter ? "parameter" : where,
      what,
      difference.a,
      difference.b,
    ]);
    const row = rows.get(key) ?? { ...difference, names: [] };
    row.names.push(where);
    rows.set(key, row);
  }
  const columns: Column<Difference & { readonly names: readonly string[] }>[] = [
    {
      heading: "of",
      cell: ({ names }) =>
        names.length > 1 ? plural(names.length, "parameter") : (names[0] as string),
    },
    { heading: "what", cell: ({ what }) => what },
    { heading: a, cell: (row) => showValue(row.a) },
    { heading: b, cell: (row) => showValue(row.b) },
  ];
  if (rows.size === 0) return [];
  return [...table(columns, [...rows.values()].slice(0, most)), ...rest(rows.size, most, option)];
}

const showValue = (value: unknown) => (value === undefined ? "-" : showOption(value as OptionData));

function tensorLines(differing: readonly ComparedTensor[], most: number): string[] {
  if (differing.length === 0) return [];
  const pair = (a: string, b: string) => (a === b ? a : `${a}, ${b}`);
  const number =
    (of: (tensor: ComparedTensor) => number | undefined) => (tensor: ComparedTensor) => {
      const value = of(tensor);
      return value === undefined ? "-" : showNumber(value);
    };
  const nonFinite = differing.some(({ values }) => (values?.nonFinite ?? 0) > 0);
  const columns: (Column<ComparedTensor> | false)[] = [
    { heading: "tensor", cell: ({ name }) => name },
    { heading: "dtype", cell: ({ a, b }) => pair(a.dtype, b.dtype) },
    { heading: "shape", cell: ({ a, b }) => pair(showShape(a.shape), showShape(b.shape)) },
    { heading: "elements", cell: ({ elements }) => showCount(elements), right: true },
    {
      heading: "differing",
      cell: ({ values }) => (values ? showCount(values.differing) : "-"),
      right: true,
    },
    { heading: "absolute", cell: number(({ values }) => values?.absolute), right: true },
    { heading: "relative", cell: number(({ values }) => values?.relative), right: true },
    nonFinite && {
      heading: "non-finite",
      cell: ({ values }) => (values ? showCount(values.nonFinite) : "-"),
      right: true,
    },
    { heading: "first at", cell: ({ values }) => (values?.at ? showShape(values.at) : "-") },
    { heading: "A", cell: number(({ values }) => values?.first?.a), right: true },
    { heading: "B", cell: number(({ values }) => values?.first?.b), right: true },
  ];
  return [
    ...table(
      columns.filter((column) => column !== false),
      differing.slice(0, most),
    ),
    ...rest(differing.length, most),
  ];
}
