import type { LossScaleState } from "../../gradients/loss-scale.ts";
import { elementsOf } from "../../state/inspect/elements.ts";
import type { RunGroup, SavedRun } from "../saved-run.ts";
import { plural, showCount, showNumber } from "../text/format.ts";
import { showOption } from "../text/show-option.ts";
import { type Column, list, table } from "../text/table.ts";

type Entries = (readonly [name: string, value: string])[];

/** Lines about the optimizer as a whole. */
export function runFacts(run: SavedRun): Entries {
  const { core, sameCore, parameters, model, lossScale, accumulation, order } = run;
  const elements = parameters.reduce((sum, { shape }) => sum + elementsOf(shape), 0);
  const facts: Entries = [
    ["core", `${core.slice(0, 16)}, ${sameCore ? "the same as" : "another than"} this ashlar's`],
    ["parameters", `${showCount(parameters.length)}, ${plural(elements, "element")}`],
  ];
  if (order) facts.push(["order", "the caller's own"]);
  if (model !== "float32") facts.push(["model copy", model]);
  if (lossScale) facts.push(["loss scale", showLossScale(run, lossScale)]);
  if (accumulation) {
    const { microBatches, average, parameters: sums } = accumulation;
    const what = `${average ? "mean" : "sum"} of ${plural(microBatches, "micro-batch", "es")}`;
    facts.push(["half-way", `${what} for ${plural(sums.length, "parameter")}, not applied yet`]);
  }
  return facts;
}

function showLossScale({ options }: SavedRun, state: LossScaleState): string {
  const { kind, scale, finiteSteps, nonFiniteSteps } = state;
  if (kind === "static") return `${scale}, static`;
  const { $lossScale } = (options.lossScale ?? {}) as { $lossScale?: { settings?: object } };
  const { growthInterval, decreaseEvery = 1 } = ($lossScale?.settings ?? {}) as {
    growthInterval?: number;
    decreaseEvery?: number;
  };
  const of = growthInterval === undefined ? "" : ` of ${showCount(growthInterval)}`;
  const skipped =
    decreaseEvery > 1 ? `, ${nonFiniteSteps} of ${decreaseEvery} overflows before it shrinks` : "";
  return `${scale}, dynamic: ${showCount(finiteSteps)}${of} finite steps before it grows${skipped}`;
}

/** The options of the optimizer, then what groups have for themselves besides rates. */
export function optionLines({ options, groups }: SavedRun): string[] {
  const own = groups.flatMap(
    ({ name, options: ofGroup }): Entries =>
      Object.entries(ofGroup).map(([key, value]) => [`${key} of ${name}`, showOption(value)]),
  );
  const shared = Object.entries(options).map(([key, value]) => [key, showOption(value)] as const);
  return list([...shared, ...own]);
}

/** Of a group. Each parameter's is one of them: readSavedState has seen to that. */
interface Size {
  count: number;
  elements: number;
}

/** The groups, with the rates that the next step has; then the schedules that these come from. */
export function groupLines({ groups, parameters }: SavedRun): string[] {
  const sizes = new Map(groups.map(({ name }) => [name, { count: 0, elements: 0 }]));
  for (const { group, shape } of parameters) {
    const size = sizes.get(group) as Size;
    size.count++;
    size.elements += elementsOf(shape);
  }
  const schedules = scheduleLines(groups);
  return [
    ...table(groupColumns(sizes), groups),
    ...(schedules.length > 0 ? [""] : []),
    ...schedules,
  ];
}

/** Schedules, each with the groups that have it: groups often share one. */
function scheduleLines(groups: readonly RunGroup[]): string[] {
  const rows = new Map<string, { title: string; text: string; names: string[] }>();
  for (const { name, lr, weightDecay } of groups) {
    for (const [title, data] of Object.entries({ lr, "weight decay": weightDecay })) {
      if (typeof data !== "object") continue;
      const text = showOption(data);
      const key = JSON.stringify([title, text]);
      const row = rows.get(key) ?? { title, text, names: [] };
      row.names.push(name);
      rows.set(key, row);
    }
  }
  return list(
    [...rows.values()].map(({ title, text, names }) => [`${title} of ${shownNames(names)}`, text]),
  );
}

const MOST_NAMES = 3;

function shownNames(names: readonly string[]): string {
  if (names.length <= MOST_NAMES) return names.join(", ");
  return `${names.slice(0, MOST_NAMES).join(", ")} and ${names.length - MOST_NAMES} more`;
}

function groupColumns(sizes: ReadonlyMap<string, Size>): Column<RunGroup>[] {
  const rate = (value: number | null) => (value === null ? "by a function" : showNumber(value));
  return [
    { heading: "group", cell: ({ name }) => name, most: 32 },
    {
      heading: "parameters",
      cell: ({ name }) => showCount((sizes.get(name) as Size).count),
      right: true,
    },
    {
      heading: "elements",
      cell: ({ name }) => showCount((sizes.get(name) as Size).elements),
      right: true,
    },
    { heading: "lr", cell: ({ nextLr }) => rate(nextLr) },
    { heading: "weight decay", cell: ({ nextWeightDecay }) => rate(nextWeightDecay) },
    { heading: "betas", cell: ({ betas }) => betas.join(", ") },
    { heading: "eps", cell: ({ eps }) => String(eps) },
    { heading: "amsgrad", cell: ({ amsgrad }) => (amsgrad ? "yes" : "no") },
  ];
}
