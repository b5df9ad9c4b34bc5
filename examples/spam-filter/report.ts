import { bold, cyan, dim, green, print, yellow } from "../common/terminal.ts";
import type { Scores } from "./evaluate.ts";
import type { FineTuned } from "./fine-tune.ts";
import type { Setting } from "./optimizer.ts";

/** One of the fine-tunings that the demo compares. */
export interface Contender {
  readonly title: string;
  readonly setting: Setting;
  readonly tuned: FineTuned;
  readonly scores: Scores;
}

/** What became of one test mail. */
export interface Shown {
  readonly subject: string;
  readonly isSpam: boolean;
  readonly calledSpam: boolean;
}

const BAR_WIDTH = 40;

export function heading(text: string): void {
  print();
  print(bold(cyan(text)));
}

/** Label and value in two columns. */
export function facts(rows: readonly (readonly [string, string])[]): void {
  const width = Math.max(...rows.map(([label]) => label.length));
  for (const [label, value] of rows) print(`  ${dim(label.padEnd(width))}  ${value}`);
}

/** What layer decay makes of the peak rate. */
export function printLayers({ setting, tuned }: Contender): void {
  heading("Peak rate by layer");
  const byLayer = new Map(tuned.description.parameters.map((each) => [each.layer, each]));
  for (const [layer, { name, lrScale }] of byLayer) {
    const title = /^(?:embeddings|encoder\.layer\.\d+|classifier)/.exec(name)?.[0] ?? name;
    const rate = (setting.lr * lrScale).toExponential(2);
    const bar = "━".repeat(Math.max(1, Math.round(BAR_WIDTH * lrScale)));
    print(`  ${dim(String(layer))} ${title.padEnd(16)} ${rate.padStart(9)}  ${green(bar)}`);
  }
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`.padStart(10);

export function printScores(mails: number, contenders: readonly Contender[]): void {
  heading(`${mails.toLocaleString("en")} mails that it never saw`);
  const titles = ["accuracy", "F1 of spam", "precision", "recall"];
  print(dim(`  ${"".padEnd(34)}${titles.map((title) => title.padStart(12)).join("")}`));
  for (const { title, setting, scores } of contenders) {
    const { accuracy, f1, precision, recall } = scores;
    const cells = [percent(accuracy), percent(f1), percent(precision), percent(recall)];
    const label = `${title}, peak rate ${setting.lr}`.padEnd(34);
    print(`  ${label}${cells.map((cell) => cell.padStart(12)).join("")}`);
  }
}

export function printMails(mails: readonly Shown[]): void {
  heading("What it calls some of them");
  for (const { subject, isSpam, calledSpam } of mails) {
    const verdict = (calledSpam ? "spam" : "ham").padEnd(5);
    const shown = isSpam === calledSpam ? green(verdict) : yellow(verdict);
    print(`  ${shown}${isSpam === calledSpam ? "      " : "wrong "}${subject}`);
  }
}

export function printTimes(tuned: FineTuned, parameters: number, adamSeconds: number): void {
  const steps = tuned.losses.length;
  const cell = (seconds: number) =>
    `${seconds.toFixed(3).padStart(8)} s ${((1000 * seconds) / steps).toFixed(2).padStart(9)} ms a step`;
  heading(`Time of ${steps} steps of ${parameters.toLocaleString("en")} weights`);
  facts([
    ["gradients, TensorFlow.js (wasm)", cell(tuned.gradientSeconds)],
    ["optimizer, ashlar/tfjs", cell(tuned.optimizerSeconds)],
    ["optimizer, tf.train.adam", cell(adamSeconds)],
  ]);
  const ratio = (adamSeconds / tuned.optimizerSeconds).toFixed(1);
  print(
    `  On the same gradients ashlar is ${bold(green(`${ratio} times`))} as fast, and clips and`,
  );
  print("  decays weights besides.");
}
