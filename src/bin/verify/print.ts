import { causes, recorderLines, valueLines } from "../compare/print.ts";
import { stepsOf, whatOf, whatOfAll } from "../compare/words.ts";
import { stateLines } from "../diff/print.ts";
import { showCount } from "../text/format.ts";
import { indent, list } from "../text/table.ts";
import type { VerifyReport } from "./report.ts";

const MOST = 24;
const SIDES = ["recorded", "replayed"] as const;

/** The report as lines for people. */
export function verifyLines(report: VerifyReport): string[] {
  const { file, recorders, options, start, first, end, standIns, recordedLr } = report;
  const facts: [string, string][] = [
    ["run", `${file}: ${report.class}`],
    ["gradients", report.gradients],
  ];
  if (standIns.length > 0) {
    facts.push(["functions", `${standIns.join(", ")}: the checkpoint has what they answered`]);
  }
  if (recordedLr) facts.push(["lr", "as recorded, which is not verified"]);
  const sections: [title: string, lines: string[]][] = [
    ["Recorded by, and replayed by", recorderLines(recorders, SIDES)],
    ["Options", stateLines(options, MOST, "--json", SIDES)],
    ["Before the first step", valueLines(start, MOST, "--json", SIDES)],
    [
      `Step ${showCount(first?.step ?? 0)}, line ${showCount(first?.lines.a ?? 0)}`,
      valueLines(first ? causes(first) : [], MOST, "--json", SIDES),
    ],
    ["At the end", valueLines(end, MOST, "--json", SIDES)],
  ];
  return [
    ...list(facts),
    ...sections.flatMap(([title, lines]) =>
      lines.length > 0 ? ["", title, ...indent(lines)] : [],
    ),
    "",
    ...summaryLines(report),
  ];
}

function summaryLines(report: VerifyReport): string[] {
  const { verdict, confirmed, digest, ending, first, reason, parameterCount, start, end } = report;
  const steps = stepsOf(confirmed);
  switch (verdict) {
    case "same":
      if (digest !== null) return [`Confirmed: ${steps}, every line, and digest ${digest}`];
      return [
        `Confirmed: ${steps}, every line; the ledger ${ending === "cut" ? "was cut off there" : "was not closed"}`,
      ];
    case "start":
      return [
        `Different: before the first step, in ${whatOfAll(start, parameterCount)}`,
        "The checkpoint is not what the run began with.",
      ];
    case "options":
      return ["Different: the checkpoint has other options than the ledger"];
    case "unfinished":
      return [`Cannot tell: ${reason}. Confirmed: ${steps}`];
    default:
      break;
  }
  const where = first
    ? `from step ${showCount(first.step)} on, in ${whatOf(first, parameterCount)}`
    : `at the end, in ${whatOfAll(end, parameterCount)}`;
  return [`Different: ${where}`, ...blame(report)];
}

function blame({ verdict, gradients, recorders }: VerifyReport): string[] {
  switch (verdict) {
    case "settings":
      return [
        "It was assigned on the way or moved by a metric, which no checkpoint holds. With --recorded-lr the",
        "learning rates are the ledger's.",
      ];
    case "gradients":
      return [`The run had others there than ${gradients}.`];
    default:
      if (recorders.some(({ what }) => what === "core")) {
        return ["Another core of ashlar recorded it: the bits are promised for one."];
      }
      return [
        "Did the program assign weights, betas, eps or weight decay on the way? Otherwise the ledger was",
        "changed, or ashlar, an engine or a memory is to blame: if another replay differs too, please report it.",
      ];
  }
}
