import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { FlagError } from "../examples/common/command-line.ts";
import { packageFolder } from "../examples/common/packages.ts";
import { toSafetensors } from "../examples/common/safetensors.ts";
import { argMax } from "../examples/language-detector/evaluate.ts";
import { extractFeatures } from "../examples/language-detector/features.ts";
import { loadSamples, type Split } from "../examples/language-detector/files.ts";
import { readFlags } from "../examples/language-detector/flags.ts";
import { NEW_LANGUAGES } from "../examples/language-detector/languages.ts";
import { loadPretrained } from "../examples/language-detector/model.ts";
import { Network } from "../examples/language-detector/network.ts";
import { startFrom } from "../examples/language-detector/start.ts";

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

test("the writer's safetensors file reads back", () => {
  const data = Float32Array.of(1, -0, 3.5, Number.MIN_VALUE, 1e-40, -7);
  const tensors = [
    { name: "a.weight", shape: [2, 3], data },
    { name: "scalar", shape: [], data: Float32Array.of(42) },
    { name: "empty", shape: [0], data: new Float32Array(0) },
  ];
  const file = toSafetensors({
    tensors: Object.fromEntries(tensors.map(({ name, ...tensor }) => [name, tensor])),
    metadata: { languages: "a b" },
  });
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
