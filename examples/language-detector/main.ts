import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { AdamW } from "ashlar";
import { runCommand } from "../common/command-line.ts";
import { Random } from "../common/random.ts";
import { toSafetensors } from "../common/safetensors.ts";
import { ProgressBar, print } from "../common/terminal.ts";
import { evaluate } from "./evaluate.ts";
import { loadSamples } from "./files.ts";
import { type Flags, readFlags, USAGE } from "./flags.ts";
import { allLanguages } from "./languages.ts";
import { loadPretrained } from "./model.ts";
import { modelWeights } from "./model-weights.ts";
import { LAYERS, layerShapes, mapLayers, Network, type NetworkShape } from "./network.ts";
import { makeOptimizer } from "./optimizer.ts";
import {
  type Figures,
  facts,
  heading,
  printAccuracy,
  printLosses,
  printTimes,
  printVerdicts,
} from "./report.ts";
import { Rival } from "./rival.ts";
import { Sampler } from "./sampler.ts";
import { guess, showcaseOf } from "./showcase.ts";
import { startFrom } from "./start.ts";
import { train } from "./train.ts";

async function run(flags: Flags): Promise<void> {
  for (const path of [flags.out, ...(flags.json ? [flags.json] : [])]) {
    mkdirSync(dirname(resolve(path)), { recursive: true });
  }
  const model = loadPretrained();
  const languages = allLanguages(model);
  const samples = loadSamples();
  const start = startFrom(model, samples.train);
  const network = new Network(start.shape);
  const optimizer = await makeOptimizer(start.weights, start.shape, flags);
  const weights = modelWeights(optimizer, flags.precision);
  const parameters = LAYERS.reduce((sum, name) => sum + start.weights[name].length, 0);

  heading("VS Code's language detector learns Solidity, Svelte and AssemblyScript");
  facts([
    [
      "model",
      `guesslang, ${parameters.toLocaleString("en")} weights, computing in ${flags.precision}`,
    ],
    ["files", `${samples.train.length} to train on, ${samples.test.length} to be tested on`],
    ["start", newColumns(languages, start.twins)],
  ]);
  print();
  for (const line of optimizer.describe().toString().split("\n")) print(`  ${line}`.trimEnd());

  const showcase = showcaseOf(samples.test);
  const nameAll = () => showcase.map((sample) => guess(network, weights(), sample, languages));
  const before = evaluate(network, weights(), samples.test, languages);
  const namedBefore = nameAll();

  heading("Training");
  const bar = new ProgressBar("step", flags.steps);
  const rival = new Rival(optimizer, flags.steps, flags.precision);
  const trained = train({
    optimizer,
    rival,
    network,
    weights,
    sampler: new Sampler(samples.train, languages, new Random(flags.seed)),
    steps: flags.steps,
    onStep: (step, loss) => bar.update(step, `loss ${loss.toFixed(3)}`),
  });

  const after = evaluate(network, weights(), samples.test, languages);
  const namedAfter = nameAll();
  printLosses(trained.losses);
  printAccuracy(before, after);
  printVerdicts(
    showcase.map(({ package: name, path, language }, i) => ({
      file: `${name}/${path}`,
      language,
      before: namedBefore[i],
      after: namedAfter[i],
    })),
  );
  printTimes(trained, parameters, rival.distanceTo(optimizer));

  const digest = optimizer.weightsDigest();
  saveWeights(flags.out, optimizer, start.shape, languages);
  heading("Result");
  facts([
    ["weights", flags.out],
    ["digest", digest],
  ]);
  if (flags.json) {
    const figures: Figures = {
      steps: flags.steps,
      firstLoss: trained.losses[0],
      lastLoss: trained.losses[trained.losses.length - 1],
      newAccuracyBefore: before.newAccuracy,
      newAccuracyAfter: after.newAccuracy,
      oldAccuracyBefore: before.oldAccuracy,
      oldAccuracyAfter: after.oldAccuracy,
      gradientSeconds: trained.gradientSeconds,
      optimizerSeconds: trained.optimizerSeconds,
      plainJsOptimizerSeconds: trained.plainJsOptimizerSeconds,
      parameters,
      digest,
    };
    writeFileSync(flags.json, `${JSON.stringify(figures, null, 2)}\n`);
  }
  optimizer.dispose();
}

function newColumns(languages: readonly string[], twins: readonly string[]): string {
  const first = languages.length - twins.length;
  return twins.map((twin, i) => `${languages[first + i]} as a copy of ${twin}`).join(", ");
}

function saveWeights(
  path: string,
  optimizer: AdamW,
  shape: NetworkShape,
  languages: readonly string[],
): void {
  const shapes = layerShapes(shape);
  const tensors = mapLayers((name) => ({
    shape: shapes[name],
    data: optimizer.parameter(name).master,
  }));
  writeFileSync(path, toSafetensors({ tensors, metadata: { languages: languages.join(" ") } }));
}

await runCommand("language-detector", USAGE, readFlags, run);
