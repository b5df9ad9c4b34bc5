import { GRIDS, type Group, TEST_SEEDS } from "./grids.ts";
import { best, mean, type Run, type Study, standardDeviation } from "./study-file.ts";

const TITLES: Readonly<Record<Group, string>> = {
  uniform: "one rate",
  layerDecay: "layer decay",
  scratch: "one rate, no pre-training",
};
const GROUPS = Object.keys(TITLES) as Group[];

type Cells = readonly (string | number)[];

/** The README's tables of the study, in Markdown. */
export function studyTables(study: Study): string {
  return [testTable(study), uniformTable(study), decayTable(study)].join("\n\n");
}

/** What was chosen, and how it did on the test mails. */
function testTable(study: Study): string {
  const seeds = TEST_SEEDS.map((seed) => `seed ${seed}`);
  const f1sOf = (group: Group) => runsOf(study.test, group).map(({ f1 }) => f1);
  const rows = GROUPS.map((group) => {
    const { lr, layerDecay } = best(study, group).setting;
    const f1s = f1sOf(group);
    const accuracies = runsOf(study.test, group).map(({ accuracy }) => accuracy);
    return [TITLES[group], lr, layerDecay, ...f1s.map(figure), spread(f1s), spread(accuracies)];
  });
  const uniform = f1sOf("uniform");
  const gains = f1sOf("layerDecay").map((f1, i) => f1 - uniform[i]);
  rows.push(["what layer decay adds", "", "", ...gains.map(signed), spread(gains), ""]);
  return table(["test", "rate", "decay", ...seeds, "F1", "accuracy"], rows);
}

function uniformTable(study: Study): string {
  const rates = GRIDS.uniform.map(({ lr }) => lr);
  const rows = (["uniform", "scratch"] as const).map((group) => [
    TITLES[group],
    ...rates.map((lr) => cell(study, group, lr, 1)),
  ]);
  return table(["validation", ...rates], rows);
}

function decayTable(study: Study): string {
  const peaks = [...new Set(GRIDS.layerDecay.map(({ lr }) => lr))];
  const decays = [...new Set(GRIDS.layerDecay.map(({ layerDecay }) => layerDecay))];
  const rows = decays.map((decay) => [
    `layer decay ${decay}`,
    ...peaks.map((lr) => cell(study, "layerDecay", lr, decay)),
  ]);
  return table(["validation", ...peaks], rows);
}

/** Mean F1 on the validation split; nothing where there was no run. */
function cell(study: Study, group: Group, lr: number, layerDecay: number): string {
  const runs = runsOf(study.validation, group).filter(
    (run) => run.lr === lr && run.layerDecay === layerDecay,
  );
  return runs.length > 0 ? figure(mean(runs.map(({ f1 }) => f1))) : "";
}

function runsOf(runs: readonly Run[], group: Group): Run[] {
  return runs.filter((run) => run.group === group);
}

const figure = (value: number) => value.toFixed(3);
const signed = (value: number) => (value < 0 ? figure(value) : `+${figure(value)}`);

function spread(values: readonly number[]): string {
  return `${figure(mean(values))} ± ${figure(standardDeviation(values))}`;
}

function table(head: Cells, rows: readonly Cells[]): string {
  return [head, head.map(() => "---"), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}
