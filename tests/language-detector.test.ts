import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { argMax } from "../examples/language-detector/evaluate.ts";
import { extractFeatures, type Features } from "../examples/language-detector/features.ts";
import { loadSamples, type Split } from "../examples/language-detector/files.ts";
import { FlagError, readFlags } from "../examples/language-detector/flags.ts";
import { type HalfFormat, narrow, wideningTable } from "../examples/language-detector/half.ts";
import { NEW_LANGUAGES } from "../examples/language-detector/languages.ts";
import { loadPretrained } from "../examples/language-detector/model.ts";
import { modelWeights } from "../examples/language-detector/model-weights.ts";
import {
  LAYERS,
  type LayerName,
  layerShapes,
  mapLayers,
  Network,
} from "../examples/language-detector/network.ts";
import { makeOptimizer } from "../examples/language-detector/optimizer.ts";
import { packageFolder } from "../examples/language-detector/packages.ts";
import { PlainAdamW } from "../examples/language-detector/plain-adamw.ts";
import { Random } from "../examples/language-detector/random.ts";
import { Rival } from "../examples/language-detector/rival.ts";
import { toSafetensors } from "../examples/language-detector/safetensors.ts";
import { startFrom } from "../examples/language-detector/start.ts";
import { AdamW } from "../src/index.ts";
import { realistic } from "./reference/patterns.ts";

const test = suite("language detector");

const MAIN = fileURLToPath(new URL("../examples/language-detector/main.js", import.meta.url));

test("a wrong command line is one line and exit code 2", () => {
  assert.ok(existsSync(MAIN), `the built ${MAIN} exists`);
  for (const args of [["--speed", "1"], ["--steps", "0"], ["--precision", "float8"], ["extra"]]) {
    const { status, stderr, stdout } = spawnSync(process.execPath, [MAIN, ...args], {
      encoding: "utf8",
    });
    assert.is(status, 2, args.join(" "));
    assert.match(stderr, /^language-detector: [^\n]+\n$/, args.join(" "));
    assert.is(stdout, "");
  }
});

test("flags: every bad value is refused by name", () => {
  const wrong: [string, string, RegExp][] = [
    ["--seed", "-1", /--seed|ambiguous/],
    ["--seed", "1.5", /--seed: expected a whole number/],
    ["--seed", "4294967296", /--seed: .* to 4294967295, got "4294967296"/],
    ["--steps", "", /--steps: expected a whole number/],
    ["--steps", "1e3", /--steps/],
    ["--layer-decay", "0", /--layer-decay: expected a number above 0, to 1, got "0"/],
    ["--layer-decay", "1.01", /--layer-decay/],
    ["--layer-decay", "a\nb", /--layer-decay: [^\n]+$/],
    ["--precision", "half", /--precision: expected float32, float16, bfloat16, got "half"/],
    ["--json", "", /--json: expected a path/],
  ];
  for (const [flag, value, message] of wrong) {
    const read = () => readFlags([flag, value]);
    assert.throws(
      read,
      (error: Error) => error instanceof FlagError && message.test(error.message),
    );
  }
});

test("flags: values and defaults are read", () => {
  const { seed, steps, precision, layerDecay, json, help } = readFlags([
    ...["--seed", "7", "--steps", "12", "--precision", "bfloat16"],
    ...["--layer-decay", "0.5", "--json", "a.json"],
  ]);
  assert.equal(
    { seed, steps, precision, layerDecay, json, help },
    {
      ...{
        seed: 7,
        steps: 12,
        precision: "bfloat16",
        layerDecay: 0.5,
        json: "a.json",
        help: false,
      },
    },
  );
  assert.is(readFlags([]).precision, "float32");
});

// Fingerprint64("b \n"), ("a b"), ("\n a"), ("b a") modulo 5000, ascending, and their counts.
const KNOWN_BUCKETS = [2186, 2463, 2538, 2877, 1, 1, 1, 3];

test("features: byte pairs fall into the buckets of TensorFlow's hash", () => {
  const bytes = new TextEncoder().encode("abab\r\nab");
  const { buckets, counts, total } = extractFeatures(bytes);
  // "ab" three times, "ba", "b\n" and "\na" once each: the carriage return is gone.
  assert.is(total, 6);
  assert.equal([...counts].sort(), [1, 1, 1, 3]);
  assert.equal(
    [...buckets],
    [...buckets].sort((a, b) => a - b),
  );
  assert.equal([...buckets, ...counts], KNOWN_BUCKETS);
  assert.equal(extractFeatures(bytes), extractFeatures(bytes.slice()));
});

test("features: texts without a pair, and the limit of 10,000 pairs", () => {
  assert.is(extractFeatures(new Uint8Array(0)).total, 0);
  assert.is(extractFeatures(Uint8Array.of(65)).total, 0);
  assert.is(extractFeatures(new Uint8Array(10_001).fill(65)).total, 10_000);
  assert.is(extractFeatures(new Uint8Array(90_000).fill(65)).counts[0], 10_000);
});

const SMALL = { buckets: 11, embedding: 5, hidden1: 7, hidden2: 6, oldClasses: 4, newClasses: 2 };
const FILE: Features = {
  buckets: Uint16Array.of(1, 4, 9),
  counts: Uint16Array.of(3, 1, 2),
  total: 6,
};

function smallWeights() {
  const shapes = layerShapes(SMALL);
  const random = new Random(3);
  return mapLayers((name) => {
    const length = shapes[name].reduce((product, n) => product * n, 1);
    return Float32Array.from({ length }, () => random.below(2001) / 1000 - 1);
  });
}

test("backward agrees with finite differences in every layer", () => {
  const network = new Network(SMALL);
  for (const label of [1, 5]) {
    const weights = smallWeights();
    const zeros = () => mapLayers((name) => new Float32Array(weights[name].length));
    const gradients = zeros();
    network.backward(weights, gradients, FILE, label, 0.5);
    const lossWith = (name: LayerName, i: number, value: number) => {
      const kept = weights[name][i];
      weights[name][i] = value;
      const loss = network.backward(weights, zeros(), FILE, label, 1);
      weights[name][i] = kept;
      return 0.5 * loss;
    };
    for (const name of LAYERS) {
      let moved = 0;
      for (let i = 0; i < weights[name].length; i++) {
        const [above, below] = [weights[name][i] + 2 ** -9, weights[name][i] - 2 ** -9];
        const slope = (lossWith(name, i, above) - lossWith(name, i, below)) / 2 ** -8;
        assert.ok(Math.abs(slope - gradients[name][i]) < 2e-4, `${name}[${i}]: ${slope}`);
        if (gradients[name][i] !== 0) moved++;
      }
      assert.ok(moved > 0, `${name} has a gradient`);
    }
  }
});

test("backward adds to the gradients that are there", () => {
  const network = new Network(SMALL);
  const weights = smallWeights();
  const once = mapLayers((name) => new Float32Array(weights[name].length));
  const twice = mapLayers((name) => new Float32Array(weights[name].length));
  network.backward(weights, once, FILE, 0, 1);
  network.backward(weights, twice, FILE, 0, 1);
  network.backward(weights, twice, FILE, 0, 1);
  for (const name of LAYERS) {
    once[name].forEach((g, i) => {
      assert.ok(Math.abs(twice[name][i] - 2 * g) <= 1e-6 * Math.abs(g), `${name}[${i}]`);
    });
  }
});

test("the writer's safetensors file reads back", () => {
  const data = Float32Array.of(1, -0, 3.5, Number.MIN_VALUE, 1e-40, -7);
  const tensors = [
    { name: "a.weight", shape: [2, 3], data },
    { name: "scalar", shape: [], data: Float32Array.of(42) },
    { name: "empty", shape: [0], data: new Float32Array(0) },
  ];
  const file = toSafetensors(tensors, { languages: "a b" });
  const view = new DataView(file.buffer);
  const headerBytes = Number(view.getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + headerBytes)));
  assert.is(headerBytes % 8, 0);
  assert.equal(header.__metadata__, { languages: "a b" });
  assert.is(file.length, 8 + headerBytes + 7 * 4);
  let end = 0;
  for (const { name, shape, data: written } of tensors) {
    assert.is(header[name].dtype, "F32");
    assert.equal(header[name].shape, shape);
    const [from, to] = header[name].data_offsets;
    assert.is(from, end, "no holes");
    end = to;
    const bytes = file.slice(8 + headerBytes + from, 8 + headerBytes + to);
    assert.equal(new Uint32Array(bytes.buffer), new Uint32Array(written.slice().buffer));
  }
});

test("the plain loop is AdamW's formula", () => {
  const [beta1, beta2, eps, lr, decay] = [0.9, 0.95, 1e-8, 0.01, 0.1];
  const plain = new PlainAdamW({ beta1, beta2, eps, precision: "float32" });
  const start = realistic(50, 1);
  const parameter = plain.add(start, decay);
  const expected = Array.from(start, (p) => ({ p, m: 0, v: 0 }));
  for (let t = 1; t <= 20; t++) {
    const gradient = realistic(50, 100 + t);
    plain.begin();
    plain.update(parameter, gradient, lr);
    expected.forEach((x, i) => {
      x.m = beta1 * x.m + (1 - beta1) * gradient[i];
      x.v = beta2 * x.v + (1 - beta2) * gradient[i] ** 2;
      const step = x.m / (1 - beta1 ** t) / (Math.sqrt(x.v / (1 - beta2 ** t)) + eps);
      x.p -= lr * (step + decay * x.p);
    });
  }
  expected.forEach(({ p }, i) => {
    assert.ok(Math.abs(parameter.weights[i] - p) < 1e-6, `[${i}] ${parameter.weights[i]} ${p}`);
  });
});

for (const format of ["float16", "bfloat16"] as const satisfies readonly HalfFormat[]) {
  test(`${format}: narrowing is the optimizer's, and widening undoes it`, async () => {
    const special = [0, -0, 1, 65519, -65504, 6e-8, -2.9e-8, 3.1e-5, 6.2e-5, 2049, 2051];
    const data = Float32Array.of(...special, ...realistic(500, 9));
    const optimizer = await AdamW.create({ w: data }, { precision: { model: format } });
    const narrowed = new Uint16Array(data.length);
    narrow(new Uint32Array(data.buffer), format, narrowed);
    assert.equal(narrowed, optimizer.parameter("w").model);
    const table = wideningTable(format);
    const again = new Uint16Array(data.length);
    narrow(new Uint32Array(Float32Array.from(narrowed, (h) => table[h]).buffer), format, again);
    assert.equal(again, narrowed);
    optimizer.dispose();
  });
}

test("the rival follows the optimizer: same groups, rates, layer shares and decay", async () => {
  const weights = smallWeights();
  for (const precision of ["float32", "bfloat16"] as const) {
    const flags = { steps: 12, layerDecay: 0.5, precision };
    const optimizer = await makeOptimizer(weights, SMALL, flags);
    const rival = new Rival(optimizer, flags.steps, precision);
    const network = new Network(SMALL);
    const current = modelWeights(optimizer, precision);
    for (let step = 0; step < flags.steps; step++) {
      optimizer.zeroGradients();
      const gradients = mapLayers((name) => optimizer.gradient(name));
      network.backward(current(), gradients, FILE, step % 6, 1);
      rival.step(gradients, step);
      optimizer.step();
    }
    assert.ok(
      optimizer.parameter("wide.weight").master.some((w, i) => w !== weights["wide.weight"][i]),
    );
    assert.ok(rival.distanceTo(optimizer) < 1e-6, `${rival.distanceTo(optimizer)}`);
    optimizer.dispose();
  }
});

test("at 16 bits the network computes with the widened model copy", async () => {
  const weights = smallWeights();
  const optimizer = await makeOptimizer(weights, SMALL, {
    ...{ steps: 2, layerDecay: 1, precision: "bfloat16" },
  });
  const widened = modelWeights(optimizer, "bfloat16")()["embedding.weight"];
  widened.forEach((value, i) => {
    const exact = weights["embedding.weight"][i];
    assert.ok(Math.abs(value - exact) <= 2 ** -8 * Math.abs(exact), `[${i}]`);
  });
  assert.ok(widened.some((value, i) => value !== weights["embedding.weight"][i]));
  optimizer.dispose();
});

const samples = loadSamples();
const model = loadPretrained();

test("the file lists: enough of each, no file twice, new languages tested on other packages", () => {
  const seen = new Set<string>();
  for (const { package: name, path } of Object.values(samples).flat()) {
    assert.not(seen.has(`${name}/${path}`), `${name}/${path} is listed twice`);
    seen.add(`${name}/${path}`);
  }
  for (const language of NEW_LANGUAGES) {
    const packagesOf = (split: Split) =>
      samples[split].filter((one) => one.language === language).map((one) => one.package);
    assert.ok(packagesOf("test").length >= 20, language);
    const learnt = new Set([...packagesOf("train"), ...packagesOf("validation")]);
    for (const name of packagesOf("test")) assert.not(learnt.has(name), name);
  }
  const old = samples.test.filter(({ language }) => model.languages.includes(language));
  assert.ok(old.length >= 130);
  assert.ok(new Set(old.map(({ language }) => language)).size >= 12);
});

/** Package, file, and the language that the model gives it before any training. */
const NAMED = [
  ["cordova-plugin-file", "src/android/AssetFilesystem.java", "java"],
  ["node-gyp", "gyp/pylib/packaging/_elffile.py", "py"],
  ["bottleneck", "src/redis/process_tick.lua", "lua"],
  ["haml-coffee", "Gruntfile.coffee", "coffee"],
  ["argon2", "argon2/src/argon2.c", "c"],
  ["reveal.js", "css/print/paper.css", "css"],
  ["redux", "README.md", "md"],
] as const;

test("the dequantised model names files as VS Code's own package does", () => {
  const start = startFrom(model, samples.train);
  const network = new Network(start.shape);
  for (const [name, path, language] of NAMED) {
    const file = readFileSync(join(packageFolder(name), path));
    const probabilities = network.forward(start.weights, extractFeatures(file));
    assert.is(model.languages[argMax(probabilities)], language, `${name}/${path}`);
    assert.ok(Math.abs(probabilities.reduce((sum, p) => sum + p, 0) - 1) < 1e-12);
  }
  assert.is(start.twins.length, NEW_LANGUAGES.length);
});

test("before training no file is taken for a new language", () => {
  const start = startFrom(model, samples.train);
  const network = new Network(start.shape);
  for (const { features, path } of samples.validation) {
    const best = argMax(network.forward(start.weights, features));
    assert.ok(best < start.shape.oldClasses, path);
  }
});

test.run();
