import { plural, showCount } from "../text/format.ts";
import type { CompareReport } from "./report.ts";
import { type StepDifference, sideOf } from "./step-difference.ts";
import { countOf, stepsOf, whatOf, whatOfAll } from "./words.ts";

/** What came of it in a line, and in a few more where to look next. */
export function summaryLines(report: CompareReport): string[] {
  const { verdict, first, end, compared } = report;
  switch (verdict) {
    case "same":
      return [`Same: ${stepsOf(report.compared)}${atTheEnd(report)}`];
    case "parameters": {
      const where = compared ? `after step ${showCount(compared.to)}, ` : "";
      return [`Cannot tell: ${where}their parameters are not the same`];
    }
    case "start":
      return otherStart(report);
    case "options":
      if (first) {
        return [
          `Different: from step ${showCount(first.step)} on, in ${whatOf(first, report.parameterCount)}`,
          "Their options are not the same, which may be why.",
        ];
      }
      return [`Different: in their options. The same in ${stepsOf(report.compared)}`];
    case "settings":
    case "gradients":
    case "optimizer":
      if (first)
        return [`Different: from step ${partingOf(first, report)}`, ...advice(report, first)];
      return [
        `Different: at the end, in ${whatOfAll(end, report.parameterCount)}. The same in ${stepsOf(report.compared)}`,
        ...blameOfOptimizer(report),
      ];
    case "length":
      return [`Different: in length. Same as far as both go, ${common(report)}`];
    case "unfinished":
      return unfinished(report);
  }
}

function otherStart({ start, parameterCount, compared, wholeStateAt }: CompareReport): string[] {
  const what = `in the state of ${countOf(start, parameterCount)}`;
  const diff = "ashlar diff tells more of their checkpoints.";
  if (!compared) {
    return [
      `Different: before the first step, ${what}`,
      `They began from other weights or moments: ${diff}`,
    ];
  }
  const unseen =
    wholeStateAt === null || wholeStateAt < compared.to
      ? ", or had parted before, unseen, as the state was compared in part"
      : "";
  return [
    `Different: after step ${showCount(compared.to)}, ${what}`,
    `They went on from other weights or moments${unseen}: ${diff}`,
  ];
}

/** As far as both go: how far, and how much of it was compared. */
function common({ compared, statesCompared, wholeStateAt }: CompareReport): string {
  if (!compared && wholeStateAt) return `the state after step ${showCount(wholeStateAt)}`;
  const steps = stepsOf(compared);
  if (!compared || wholeStateAt === compared.to) return steps;
  return statesCompared
    ? `${steps}, but the state was compared in part`
    : `${steps}, but the states were not compared`;
}

/** Why states of two steps could not be compared. */
const stridesOf = ({ a, b }: CompareReport) =>
  a.stride === b.stride
    ? "with other strides on the way"
    : `with strides ${a.stride} and ${b.stride}`;

function atTheEnd(report: CompareReport): string {
  const { a, b, compared, wholeStateAt, digest } = report;
  if (digest !== null) return ` and digest ${digest}`;
  const open = [a, b].every(({ ending }) => ending !== "closed");
  const who = open ? "neither was" : `${a.ending === "closed" ? "B" : "A"} was not`;
  if (wholeStateAt !== null && wholeStateAt === (compared?.to ?? wholeStateAt)) {
    return ` and the state after them. ${sentence(who)} closed`;
  }
  const since = wholeStateAt === null ? "" : ` since step ${showCount(wholeStateAt)}`;
  return `. ${sentence(who)} closed, so that the state${since} was compared in part`;
}

const sentence = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

function unfinished(report: CompareReport): string[] {
  const { a, b, compared, statesCompared } = report;
  if (!compared && a.begins !== b.begins) return ["Cannot tell: they have no step in common"];
  const same = `Cannot tell: same as far as both go, ${stepsOf(report.compared)}`;
  if (a.ending !== null && b.ending !== null && !statesCompared) {
    return [
      `${same}, but the states were not compared`,
      `They were recorded ${stridesOf(report)}, and not both closed.`,
    ];
  }
  const [name, ending] = a.ending === null ? ["B", b.ending] : ["A", a.ending];
  return [`${same}. ${name} ${ending === "cut" ? "was cut off there" : "was not closed"}`];
}

const partingOf = (first: StepDifference, report: CompareReport) =>
  `${showCount(first.step)} on, in ${whatOf(first, report.parameterCount)}`;

function advice(report: CompareReport, first: StepDifference): string[] {
  switch (sideOf(first)) {
    case "settings":
      return [
        "Not an option: it was assigned on the way, or comes from a function, a metric or an overflow.",
      ];
    case "gradients":
      return [...blameOfGradients(report, first), ...whichGradients(report, first)];
    case "optimizer":
      return [...whenItWas(report, first), ...blameOfOptimizer(report)];
  }
}

const THE_OTHERS = "what computes gradients is to blame (the data, the framework, its backend)";

function blameOfGradients(report: CompareReport, { step }: StepDifference): string[] {
  const { wholeStateAt: whole, statesCompared, a } = report;
  if (whole === step - 1) return [`The state was the same up to then: ${THE_OTHERS}.`];
  const likely = `Most likely ${THE_OTHERS}.`;
  if (!statesCompared) {
    return [likely, `The states could not be compared: they were recorded ${stridesOf(report)}.`];
  }
  const each = `1 of ${a.stride} blocks in each step`;
  return [
    likely,
    whole === null
      ? `The state was compared in part${a.stride > 1 ? `: ${each}. With stride: 1 it is certain` : ""}.`
      : `The state was the same up to step ${showCount(whole)}, and ${each} since. With stride: 1 it is certain.`,
  ];
}

function whichGradients(
  { parameterCount }: CompareReport,
  { gradients }: StepDifference,
): string[] {
  const absent = gradients.filter(({ a, b }) => a === undefined || b === undefined);
  if (absent.length > 0) {
    return [`Of ${plural(absent.length, "parameter")} only one of them had a gradient.`];
  }
  if (parameterCount < 2) return [];
  if (gradients.length === parameterCount) {
    return ["As all of them differ, look at the batch, the forward pass and the loss first."];
  }
  return [
    "As the others are the same, look at the backward pass of these: a sum in another order?",
  ];
}

function whenItWas(
  { wholeStateAt, statesCompared, a }: CompareReport,
  first: StepDifference,
): string[] {
  const { step, outcome } = first;
  if (outcome.length > 0 || wholeStateAt === null || wholeStateAt === step - 1) return [];
  return [
    `It happened in one of the steps ${showCount(wholeStateAt + 1)} to ${showCount(step)}${statesCompared ? `: each checks 1 of ${a.stride} blocks` : ""}.`,
    "Recorded with stride: 1, a ledger tells in which.",
  ];
}

function blameOfOptimizer({ recorders }: CompareReport): string[] {
  const differs = (of: string) => recorders.some(({ what }) => what === of);
  if (differs("core") && !differs("kernel")) {
    return ["They ran two versions of ashlar's core: the bits are promised for one."];
  }
  return [
    "Did the program assign weights, betas, eps or weight decay on the way, in one of them only? Otherwise",
    "ashlar, the engine or the memory is to blame: where it comes back in another run, please report it.",
  ];
}
