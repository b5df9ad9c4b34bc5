import { plural, showBytes, showCount } from "../text/format.ts";
import { indent, list } from "../text/table.ts";
import { groupLines, optionLines, runFacts } from "./print-run.ts";
import { tensorLines } from "./print-tensors.ts";
import type { InspectReport } from "./report.ts";

/** Problems that are shown: a file that is cut off has one for each tensor. */
const MOST_PROBLEMS = 12;

/** The report as lines for people. */
export function reportLines(report: InspectReport, mostTensors: number): string[] {
  const { kind, checkpoint, metadata } = report;
  const sections: [title: string, lines: string[]][] = [
    ["Problems", problemLines(report)],
    ["Options", checkpoint ? optionLines(checkpoint) : []],
    ["Groups, as they are for the next step", checkpoint ? groupLines(checkpoint) : []],
    ["Metadata", list(Object.entries(metadata))],
    ["Tensors", tensorLines(report, mostTensors)],
  ];
  return [
    headline(report),
    ...(kind === null ? [] : ["", ...indent(factLines(report))]),
    ...sections.flatMap(([title, lines]) =>
      lines.length > 0 ? ["", title, ...indent(lines)] : [],
    ),
  ];
}

const PARTS = {
  whole: "a checkpoint",
  index: "the index of a sharded checkpoint",
  shard: "a shard of a sharded checkpoint",
};

function headline({ file, kind, part, sound, checkpoint }: InspectReport): string {
  if (kind === null) return `${file}: no safetensors file that can be read`;
  const what =
    kind === "safetensors"
      ? "a safetensors file"
      : checkpoint
        ? `${PARTS[part ?? "whole"]} of ${checkpoint.class} after ${plural(checkpoint.steps, "step")}`
        : PARTS[part ?? "whole"];
  return `${file}: ${what}, ${sound ? "sound" : "DAMAGED"}`;
}

function factLines({ bytes, headerBytes, kind, checkpoint, tensors }: InspectReport): string[] {
  const facts: (readonly [string, string])[] = [];
  if (checkpoint) facts.push(["format", `version ${checkpoint.version}`]);
  const header = `${plural(headerBytes as number, "byte")} of header`;
  facts.push(["size", bytes === null ? header : `${showBytes(bytes)}, ${header}`]);
  if (checkpoint) facts.push(...runFacts(checkpoint));
  const elements = tensors.reduce((sum, tensor) => sum + tensor.elements, 0);
  const of = kind === "checkpoint" ? "" : `, ${plural(elements, "element")}`;
  facts.push(["tensors", `${showCount(tensors.length)}${of}`]);
  const odd = tensors.filter(({ nonFinite }) => (nonFinite ?? 0) > 0);
  const count = odd.reduce((sum, { nonFinite }) => sum + Number(nonFinite), 0);
  if (count > 0) {
    facts.push(["non-finite", `${plural(count, "element")} of ${plural(odd.length, "tensor")}`]);
  }
  return list(facts);
}

function problemLines({ problems }: InspectReport): string[] {
  const lines = list(
    problems.slice(0, MOST_PROBLEMS).map(({ reason, message }) => [reason, message] as const),
    Number.POSITIVE_INFINITY,
  );
  const rest = problems.length - MOST_PROBLEMS;
  return rest > 0 ? [...lines, `and ${showCount(rest)} more`] : lines;
}
