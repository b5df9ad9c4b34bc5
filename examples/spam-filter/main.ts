import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import * as tfjs from "ashlar/tfjs";
import { runCommand } from "../common/command-line.ts";
import { exampleFile } from "../common/packages.ts";
import { ProgressBar, print } from "../common/terminal.ts";
import { loadCorpus, type Mail } from "./corpus.ts";
import { scores, toBatches, verdicts } from "./evaluate.ts";
import { type FineTuning, fineTune } from "./fine-tune.ts";
import { type Flags, readFlags, USAGE } from "./flags.ts";
import { LABELLED } from "./labelled.ts";
import type { Setting } from "./optimizer.ts";
import { loadPretrained } from "./pretrained.ts";
import {
  type Contender,
  facts,
  heading,
  printLayers,
  printMails,
  printScores,
  printTimes,
  type Shown,
} from "./report.ts";
import { Rival } from "./rival.ts";
import { SHAPE } from "./shape.ts";
import { best, type Study } from "./study-file.ts";
import { loadTensorFlow } from "./tensorflow.ts";
import { Vocabulary } from "./vocabulary.ts";

const SHOWN = 8;
const SUBJECT_WIDTH = 60;

async function run(flags: Flags): Promise<void> {
  if (flags.json) mkdirSync(dirname(resolve(flags.json)), { recursive: true });
  const tf = await loadTensorFlow();
  await tfjs.ready();
  const study = JSON.parse(readFileSync(exampleFile("spam-filter", "study.json"), "utf8")) as Study;
  const corpus = loadCorpus();
  const vocabulary = new Vocabulary(corpus.train);
  const pretrained = loadPretrained(vocabulary);
  const test = toBatches(corpus.test, vocabulary, SHAPE.length);

  heading(`A small transformer learns what spam is, from ${LABELLED} mails`);
  facts([
    [
      "model",
      `${SHAPE.layers} layers of width ${SHAPE.width}, on TensorFlow.js, ${tf.getBackend()}`,
    ],
    ["start", `pre-trained on ${corpus.train.length.toLocaleString("en")} mails without labels`],
    ["sees", `the first ${SHAPE.length} tokens of subject and body`],
  ]);

  const contend = (title: string, setting: Setting, rival?: FineTuning["rival"]) => {
    heading(`Training: ${title}`);
    const bar = new ProgressBar("step", flags.steps);
    const tuned = fineTune({
      tf,
      mails: corpus.train,
      vocabulary,
      pretrained,
      setting,
      seed: flags.seed,
      steps: flags.steps,
      onStep: (step, loss) => bar.update(step, `loss ${loss.toFixed(3)}`),
      ...(rival && { rival }),
    });
    const called = verdicts(tf, tuned.encoder, test);
    tuned.dispose();
    const contender: Contender = { title, setting, tuned, scores: scores(called, test.labels) };
    return { called, contender };
  };
  const { setting: plain } = best(study, "uniform");
  const { setting: layered } = best(study, "layerDecay");
  const uniform = contend("one rate", plain);
  const adam = new Rival(tf, layered.lr);
  const decayed = contend(`layer decay ${layered.layerDecay}`, layered, adam);

  printLayers(decayed.contender);
  const contenders = [uniform.contender, decayed.contender];
  printScores(corpus.test.length, contenders);
  print(
    "  One run says little about one against the other: five seeds are in the example's README.",
  );
  printMails(someOf(corpus.test, decayed.called));
  const parameters = tf.tidy(() => countOf(pretrained)) + 2 * SHAPE.width + 2;
  printTimes(decayed.contender.tuned, parameters, adam.seconds);
  heading("Result");
  facts(contenders.map(({ title, tuned }) => [`digest, ${title}`, tuned.digest]));
  print(`  ${agreement(study, contenders)}`);
  if (flags.json) writeFileSync(flags.json, figures(contenders, adam.seconds));
  adam.dispose();
}

/** Whether these runs are among those of the study, bit by bit. */
function agreement(study: Study, contenders: readonly Contender[]): string {
  const known = new Set(study.test.map(({ digest }) => digest));
  return contenders.every(({ tuned }) => known.has(tuned.digest))
    ? "Both are in study.json: these runs repeated the study's to the last bit."
    : "study.json has others: another seed or number of steps, or another machine or TensorFlow.js.";
}

function countOf(weights: Readonly<Record<string, Float32Array>>): number {
  return Object.values(weights).reduce((sum, { length }) => sum + length, 0);
}

/** Mails from all over the split, half of them spam. */
function someOf(mails: readonly Mail[], called: readonly boolean[]): Shown[] {
  const all = mails.map(({ subject, isSpam }, i): Shown => {
    const text = subject.join(" ");
    return { subject: text.slice(0, SUBJECT_WIDTH), isSpam, calledSpam: called[i] };
  });
  return [true, false].flatMap((spam) => {
    const kind = all.filter(({ isSpam, subject }) => isSpam === spam && subject.length > 20);
    const stride = Math.floor(kind.length / (SHOWN / 2));
    return kind.filter((_, i) => i % stride === 0).slice(0, SHOWN / 2);
  });
}

function figures(contenders: readonly Contender[], adamSeconds: number): string {
  const rows = contenders.map(({ title, setting, tuned, scores }) => ({
    title,
    ...setting,
    ...scores,
    firstLoss: tuned.losses[0],
    lastLoss: tuned.losses[tuned.losses.length - 1],
    gradientSeconds: tuned.gradientSeconds,
    optimizerSeconds: tuned.optimizerSeconds,
    digest: tuned.digest,
  }));
  return `${JSON.stringify({ runs: rows, adamSeconds }, null, 2)}\n`;
}

await runCommand("spam-filter", USAGE, readFlags, run);
