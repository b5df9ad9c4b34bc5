// Compares uniform rates with layer decay: node dist/examples/spam-filter/study.js [FILE]
// Runs that are in the file already are not repeated.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import process from "node:process";
import * as tfjs from "ashlar/tfjs";
import { print } from "../common/terminal.ts";
import { type Corpus, loadCorpus } from "./corpus.ts";
import { scores, toBatches, verdicts } from "./evaluate.ts";
import { fineTune } from "./fine-tune.ts";
import { GRIDS, type Group, TEST_SEEDS, TUNING_SEEDS } from "./grids.ts";
import type { Setting } from "./optimizer.ts";
import { loadPretrained } from "./pretrained.ts";
import { SHAPE } from "./shape.ts";
import { best, type Run, type Study } from "./study-file.ts";
import { studyTables } from "./study-table.ts";
import { loadTensorFlow } from "./tensorflow.ts";
import { Vocabulary } from "./vocabulary.ts";

const path = process.argv[2] ?? "out/spam-filter-study.json";
mkdirSync(dirname(path), { recursive: true });
const tf = await loadTensorFlow();
await tfjs.ready();
const corpus = loadCorpus();
const vocabulary = new Vocabulary(corpus.train);
const pretrained = loadPretrained(vocabulary);
const study: Study = existsSync(path)
  ? JSON.parse(readFileSync(path, "utf8"))
  : { mails: sizes(corpus), validation: [], test: [] };

const prepared = {
  validation: toBatches(corpus.validation, vocabulary, SHAPE.length),
  test: toBatches(corpus.test, vocabulary, SHAPE.length),
};
const groups = Object.keys(GRIDS) as Group[];
for (const seed of TUNING_SEEDS) {
  for (const group of groups) {
    for (const setting of GRIDS[group]) run("validation", group, setting, seed);
  }
}
for (const seed of TEST_SEEDS) {
  for (const group of groups) run("test", group, best(study, group).setting, seed);
}
print();
print(studyTables(study));

function run(split: "validation" | "test", group: Group, setting: Setting, seed: number): void {
  const { lr, layerDecay } = setting;
  const isThis = (each: Run) =>
    each.group === group && each.lr === lr && each.layerDecay === layerDecay && each.seed === seed;
  if (study[split].some(isThis)) return;
  const tuned = fineTune({
    tf,
    mails: corpus.train,
    vocabulary,
    pretrained: group === "scratch" ? undefined : pretrained,
    setting,
    seed,
  });
  const { labels } = prepared[split];
  const { accuracy, f1 } = scores(verdicts(tf, tuned.encoder, prepared[split]), labels);
  tuned.dispose();
  const { digest } = tuned;
  study[split].push({ group, lr, layerDecay, seed, accuracy, f1, digest });
  writeFileSync(path, `${JSON.stringify(study, null, 2)}\n`);
  const shown = `${split} ${group} ${lr} ${layerDecay} seed ${seed}`;
  const [gradient, step] = [tuned.gradientSeconds, tuned.optimizerSeconds].map((s) => s.toFixed(2));
  print(
    `${shown}: accuracy ${accuracy.toFixed(4)}, F1 ${f1.toFixed(4)} (${gradient} s, ${step} s)`,
  );
}

function sizes({ train, validation, test }: Corpus): Study["mails"] {
  return { train: train.length, validation: validation.length, test: test.length };
}
