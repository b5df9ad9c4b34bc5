import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { COMMANDS } from "../src/bin/commands.ts";
import { CORE_SHA256 } from "../src/core/binary.generated.ts";
import {
  AdamW,
  cosineWithWarmup,
  dynamicLossScale,
  layerDecay,
  noDecayOnBiasAndNorm,
} from "../src/index.ts";
import { seededGradients } from "../src/ledger/seeded-gradients.ts";
import { FOLDER, put, run } from "./reference/bin-tool.ts";
import { flip, flipWeight, recordRun } from "./reference/ledger-runs.ts";
import { gradientValue, weightValue, xorshift32 } from "./reference/random.ts";

// docs/cli.md shows what the tool prints about these files; here they are made and it is run again.

const test = suite("bin: docs/cli.md");

const SEEDED = seededGradients({ seed: 7, scale: 0.1 });

const doc = readFileSync(new URL("../../docs/cli.md", import.meta.url), "utf8");

const SHAPES: Readonly<Record<string, readonly number[]>> = {
  "encoder.layer.0.weight": [64, 32],
  "encoder.layer.0.bias": [64],
  "encoder.layer.1.weight": [32, 64],
};

async function makeFiles(): Promise<void> {
  const next = xorshift32(0x2545f491);
  const filled = (shape: readonly number[], draw: (u: number) => number) =>
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => draw(next()));
  const tensors = Object.entries(SHAPES).map(([name, shape]) => {
    return { name, shape, data: filled(shape, (u) => weightValue(u) / 8) };
  });
  const head = { name: "head.weight", shape: [4, 32], data: filled([4, 32], weightValue) };
  const optimizer = await AdamW.create(
    [
      { name: "encoder", params: tensors },
      { name: "head", params: [head], lr: 1e-3 },
    ],
    {
      lr: cosineWithWarmup({ peak: 5e-4, warmupSteps: 10, totalSteps: 1000 }),
      weightDecay: 0.01,
      decays: noDecayOnBiasAndNorm,
      lrScale: layerDecay({
        rate: 0.8,
        layerOf: (name) => Number(/\d/.exec(name)?.[0] ?? 2),
        layers: 3,
      }),
      lossScale: dynamicLossScale(),
    },
  );
  const gradients = () =>
    Object.fromEntries(
      optimizer.parameterNames.map((name) => [
        name,
        filled(optimizer.parameter(name).shape, (u) => gradientValue(u) * 1024),
      ]),
    );
  for (let step = 1; step <= 20; step++) {
    optimizer.step(gradients());
    if (step === 19) await optimizer.save(join(FOLDER, "run-19.safetensors"));
  }
  await optimizer.save(join(FOLDER, "run-20.safetensors"));
  const damaged = readFileSync(join(FOLDER, "run-20.safetensors"));
  damaged[damaged.length - 1000] ^= 16;
  put("damaged.safetensors", damaged);
  run("convert", "run-20.safetensors", "weights.safetensors", "--to", "float32");
}

async function makeLedgers(): Promise<void> {
  await recordRun("run.jsonl", { steps: 1_000, replay: SEEDED });
  await recordRun("copy.jsonl", { steps: 1_000, stride: 1 });
  await recordRun("other.jsonl", {
    steps: 1_000,
    before: (optimizer, k) => {
      if (k === 699) flip(optimizer, "body.weight", 77);
    },
  });
  await recordRun("memory.jsonl", {
    steps: 1_000,
    after: (optimizer, k) => {
      if (k === 299) flipWeight(optimizer, "head.weight", 5);
    },
  });
  await recordRun("flipped.jsonl", {
    steps: 1_000,
    replay: SEEDED,
    before: (optimizer, k) => {
      if (k === 699) flip(optimizer, "body.weight", 77);
    },
  });
}

/** Blocks of a command, after "$ ", and what it prints. */
const blocks = Array.from(
  doc.matchAll(/^```console\n\$ ashlar (.*)\n([\s\S]*?)^```$/gm),
  (match) => ({
    command: match[1],
    output: match[2],
  }),
);

test("each example prints what the page shows", async () => {
  await makeFiles();
  await makeLedgers();
  assert.ok(blocks.length >= COMMANDS.length + 1);
  for (const { command, output } of blocks) {
    const { stdout, stderr } = run(...command.split(" "));
    // The core's digest changes with every change of the core.
    const shown = (stdout + stderr).replace(CORE_SHA256.slice(0, 16), "<core>");
    assert.fixture(shown, output, command);
  }
});

test("every command has an example, and its options are all told", () => {
  for (const { name, usage } of COMMANDS) {
    assert.ok(
      blocks.some(({ command }) => command.startsWith(`${name} `)),
      name,
    );
    for (const [option] of usage.matchAll(/--[a-z]+/g)) {
      assert.ok(doc.includes(`\`${option}`), `${name} ${option}`);
    }
  }
});

test.run();
