import { plural, showCount, showNumber, showShape } from "../text/format.ts";
import { type Column, table } from "../text/table.ts";
import type { InspectReport, TensorReport } from "./report.ts";

/** A row of the table: a tensor, or a parameter above its tensors. */
interface Row {
  readonly title: string;
  readonly shape: string;
  readonly elements: string;
  readonly step: string;
  /** null for a parameter. */
  readonly tensor: TensorReport | null;
}

/** Of those that are not well: a file that is cut off may lack all of them. */
const MOST_BAD = 24;

/** The table of tensors, at most so many of them, and those that are not well. */
export function tensorLines({ kind, tensors }: InspectReport, most: number): string[] {
  const bad = new Set(tensors.filter(isBad).slice(0, MOST_BAD));
  const shown = tensors.filter((tensor, i) => i < most || bad.has(tensor));
  const grouped = shown.some(({ parameter }) => parameter !== null);
  const lines =
    shown.length > 0 ? table(columns(kind === "checkpoint", grouped), rowsOf(shown)) : [];
  const rest = tensors.length - shown.length;
  if (rest > 0) lines.push(`and ${plural(rest, "more tensor")}: --tensors all shows them`);
  return lines;
}

function isBad({ state, nonFinite }: TensorReport): boolean {
  return (state !== "ok" && state !== "unchecked") || (nonFinite ?? 0) > 0;
}

function rowsOf(tensors: readonly TensorReport[]): Row[] {
  let last: string | null = null;
  let lastShape = "";
  return tensors.flatMap((tensor) => {
    const { name, parameter, kind, step } = tensor;
    const shape = showShape(tensor.shape);
    const elements = showCount(tensor.elements);
    if (parameter === null) return [{ title: name, shape, elements, step: "", tensor }];
    const rows: Row[] = [];
    if (parameter !== last) {
      rows.push({
        title: parameter,
        shape,
        elements,
        step: showCount(step as number),
        tensor: null,
      });
      lastShape = shape;
    }
    last = parameter;
    // Sparse sums have shapes of their own.
    const own = shape === lastShape ? { shape: "", elements: "" } : { shape, elements };
    rows.push({ title: `  ${kind}`, ...own, step: "", tensor });
    return rows;
  });
}

function columns(checked: boolean, grouped: boolean): Column<Row>[] {
  const number = (of: (tensor: TensorReport) => number | null) => (row: Row) => {
    if (!row.tensor) return "";
    const value = of(row.tensor);
    return value === null ? "-" : showNumber(value);
  };
  const nonFinite = ({ tensor }: Row) =>
    tensor ? (tensor.nonFinite === null ? "-" : showCount(tensor.nonFinite)) : "";
  const all: (Column<Row> | false)[] = [
    { heading: grouped ? "parameter, tensors" : "tensor", cell: ({ title }) => title },
    { heading: "dtype", cell: ({ tensor }) => tensor?.dtype ?? "" },
    { heading: "shape", cell: ({ shape }) => shape },
    { heading: "elements", cell: ({ elements }) => elements, right: true },
    { heading: "norm", cell: number(({ norm }) => norm), right: true },
    { heading: "min", cell: number(({ min }) => min), right: true },
    { heading: "max", cell: number(({ max }) => max), right: true },
    { heading: "non-finite", cell: nonFinite, right: true },
    grouped && { heading: "step", cell: ({ step }) => step, right: true },
    checked && { heading: "CRC-32", cell: ({ tensor }) => (tensor ? showState(tensor) : "") },
  ];
  return all.filter((column) => column !== false);
}

function showState({ state }: TensorReport): string {
  switch (state) {
    case "wrong":
      return "WRONG";
    case "cut off":
    case "missing":
      return state.toUpperCase();
    case "unchecked":
      return "none";
    case "ok":
      return state;
  }
}
