import { bold, cyan, dim, green, print, yellow } from "../common/terminal.ts";
import { curve } from "./chart.ts";
import type { Evaluation } from "./evaluate.ts";
import { isNew } from "./languages.ts";
import type { Trained } from "./train.ts";

/** What `--json` writes. */
export interface Figures {
  readonly steps: number;
  readonly firstLoss: number;
  readonly lastLoss: number;
  /** Shares of the test files, 0 to 1. */
  readonly newAccuracyBefore: number;
  readonly newAccuracyAfter: number;
  readonly oldAccuracyBefore: number;
  readonly oldAccuracyAfter: number;
  readonly gradientSeconds: number;
  readonly optimizerSeconds: number;
  readonly plainJsOptimizerSeconds: number;
  /** Number of weights. */
  readonly parameters: number;
  /** SHA-256 of the trained float32 weights. */
  readonly digest: string;
}

/** What the model makes of one file, before and after. */
export interface Verdict {
  readonly file: string;
  readonly language: string;
  readonly before: Guess;
  readonly after: Guess;
}

export interface Guess {
  readonly language: string;
  readonly probability: number;
}

export function heading(text: string): void {
  print();
  print(bold(cyan(text)));
}

/** Label and value in two columns. */
export function facts(rows: readonly (readonly [string, string])[]): void {
  const width = Math.max(...rows.map(([label]) => label.length));
  for (const [label, value] of rows) print(`  ${dim(label.padEnd(width))}  ${value}`);
}

export function printLosses(losses: readonly number[]): void {
  heading("Loss by step (nats)");
  for (const line of curve(losses)) print(`  ${line}`);
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

export function printAccuracy(before: Evaluation, after: Evaluation): void {
  heading("Files that it never saw, named rightly");
  print(
    dim(
      `  ${"language".padEnd(18)}${"files".padStart(5)}${"before".padStart(10)}${"after".padStart(10)}`,
    ),
  );
  const languages = [...after.byLanguage.keys()];
  for (const group of ["new", "old"] as const) {
    const members = languages.filter((language) => isNew(language) === (group === "new"));
    const count = members.reduce((sum, name) => sum + (after.byLanguage.get(name)?.total ?? 0), 0);
    const [was, is] =
      group === "new"
        ? [before.newAccuracy, after.newAccuracy]
        : [before.oldAccuracy, after.oldAccuracy];
    const title = `${group} languages`.padEnd(18);
    print(
      bold(`  ${title}${String(count).padStart(5)}${percent(was).padStart(10)}`) +
        bold(green(percent(is).padStart(10))),
    );
    for (const language of members) printLanguage(language, before, after);
  }
}

function printLanguage(language: string, before: Evaluation, after: Evaluation): void {
  const was = before.byLanguage.get(language);
  const is = after.byLanguage.get(language);
  if (!was || !is) return;
  const cell = String(is.right).padStart(10);
  const shown = is.right > was.right ? green(cell) : is.right < was.right ? yellow(cell) : cell;
  print(
    `    ${language.padEnd(16)}${String(is.total).padStart(5)}${String(was.right).padStart(10)}${shown}`,
  );
}

export function printVerdicts(verdicts: readonly Verdict[]): void {
  heading("Some of them");
  const width = Math.max(...verdicts.map(({ file }) => file.length));
  const cell = ({ language, probability }: Guess) =>
    `${language} ${Math.round(100 * probability)} %`;
  for (const { file, language, before, after } of verdicts) {
    const right = after.language === language;
    const now = cell(after).padEnd(22);
    print(
      `  ${file.padEnd(width)}  ${dim(cell(before).padEnd(12))} ${dim("→")} ${right ? green(now) : yellow(now)}`.trimEnd(),
    );
  }
}

export function printTimes(trained: Trained, parameters: number, distance: number): void {
  const { gradientSeconds, optimizerSeconds, plainJsOptimizerSeconds, losses } = trained;
  const each = (seconds: number) =>
    `${((seconds * 1e9) / (losses.length * parameters)).toFixed(2)} ns a parameter and step`;
  const cell = (seconds: number) => `${seconds.toFixed(3).padStart(8)} s`;
  heading("Time");
  facts([
    ["gradients, plain TypeScript", cell(gradientSeconds)],
    ["optimizer, ashlar", `${cell(optimizerSeconds)}   ${each(optimizerSeconds)}`],
    [
      "optimizer, plain JavaScript",
      `${cell(plainJsOptimizerSeconds)}   ${each(plainJsOptimizerSeconds)}`,
    ],
  ]);
  const ratio = (plainJsOptimizerSeconds / optimizerSeconds).toFixed(1);
  print(
    `  ashlar is ${bold(green(`${ratio} times`))} as fast on the same gradients; the weights of the`,
  );
  print(`  two lie at most ${distance.toExponential(1)} apart.`);
}
