import { suite } from "uvu";
import * as assert from "uvu/assert";
import { VERSION } from "../src/state/checkpoint-file/metadata.ts";
import {
  FURTHER_STEPS,
  type KeptFile,
  makeSaved,
  RUNS,
  readKept,
  readKeptFile,
  runActs,
} from "./reference/checkpoint-fixtures.ts";
import { checkPlain, readPlain } from "./reference/plain-checkpoint.ts";

// Files of every version of the format must be loaded for ever. They are made by
// scripts/checkpoint-fixtures.mjs, once.

const test = suite("checkpoints of all versions");

const versions = Array.from({ length: VERSION }, (_, i) => readKept(i + 1));

const runOf = ({ run, file }: KeptFile) => {
  const found = RUNS.find(({ name }) => name === run);
  if (!found) throw new Error(`${file}: expected one of the runs, got ${run}`);
  return found;
};

function stateOf(bytes: Uint8Array) {
  const { metadata, tensors } = readPlain(bytes);
  return { metadata, tensors, state: JSON.parse(metadata["ashlar.state"]) };
}

test("each version of the format has files of every class", () => {
  versions.forEach(({ version, files }, i) => {
    assert.is(version, i + 1);
    assert.equal(
      files.map((file) => runOf(file).class),
      ["AdamW", "AdamWDL", "MindFormersAdamW", "DecoupledAdamW"],
    );
    for (const file of files) {
      const bytes = readKeptFile(file);
      checkPlain(bytes);
      const { metadata, state } = stateOf(bytes);
      assert.is(metadata["ashlar.version"], `${version}`, file.file);
      assert.is(state.class, runOf(file).class);
    }
  });
});

for (const kept of versions.flatMap(({ files }) => files)) {
  test(`${kept.file} loads, with the state that was saved`, async () => {
    const optimizer = await runOf(kept).load(readKeptFile(kept));
    assert.is(optimizer.digest(), kept.digest);
  });

  test(`${kept.file} goes on with the bits of the run that was never saved`, async () => {
    const run = runOf(kept);
    const optimizer = await run.load(readKeptFile(kept));
    const steps = runActs(run, optimizer, run.savedAfter, run.endsAfter);
    assert.is(steps, FURTHER_STEPS);
    assert.is(optimizer.digest(), kept.further);
  });
}

/** What `value` has of what `like` has. */
function common(value: unknown, like: unknown): unknown {
  if (typeof like !== "object" || like === null || Array.isArray(like) !== Array.isArray(value)) {
    return value;
  }
  const of = value as Record<string, unknown>;
  if (Array.isArray(value)) return value.map((each, i) => common(each, (like as unknown[])[i]));
  return Object.fromEntries(
    Object.entries(like).map(([key, each]) => [key, common(of[key], each)]),
  );
}

for (const kept of versions[VERSION - 1].files) {
  test(`${kept.file} says what its run says today, but for what was added since`, async () => {
    const saved = await makeSaved(runOf(kept));
    const now = stateOf(await saved.toBytes());
    const then = stateOf(readKeptFile(kept));
    const shapes = ({ tensors }: typeof now) =>
      tensors.map(({ name, dtype, shape }) => ({ name, dtype, shape }));
    assert.equal(shapes(now), shapes(then));
    then.state.core = now.state.core;
    assert.equal(common(now.state, then.state), then.state);
    const loaded = await runOf(kept).load(readKeptFile(kept));
    assert.is(loaded.configDigest(), saved.configDigest());
  });
}

test("the files of this version hold every kind of tensor, option and state", () => {
  const files = versions[VERSION - 1].files.map((kept) => stateOf(readKeptFile(kept)));
  const names = new Set(files.flatMap(({ tensors }) => tensors.map(({ name }) => name)));
  const prefixes = new Set([...names].map((name) => name.slice(0, name.indexOf("."))));
  assert.equal(
    [...prefixes].sort(),
    [
      "accumulated",
      "accumulated_rows",
      "accumulated_values",
      "exp_avg",
      "exp_avg_sq",
      "max_exp_avg_sq",
      "model",
      "param",
    ],
    "tensors",
  );
  for (const name of ["__proto__", "ключ.重み.😀", "empty", "scalar"]) {
    assert.ok(names.has(`accumulated.${name}`) || names.has(`param.${name}`), name);
  }
  const text = JSON.stringify(files.map(({ state }) => state));
  for (const tag of ["builtIn", "float64", "function", "layerDecay", "lossScale", "number"]) {
    assert.ok(text.includes(`{"$${tag}":`), tag);
  }
  assert.ok(text.includes(`"$$schedule":`));
  const [adamw] = files.map(({ state }) => state);
  assert.ok(adamw.accumulation.parameters.some(({ sparse }: { sparse: boolean }) => sparse));
  assert.ok(adamw.accumulation.parameters.some(({ sparse }: { sparse: boolean }) => !sparse));
  assert.ok(adamw.schedules.some(({ states }: { states: unknown[] }) => states.length > 0));
  assert.ok(adamw.lossScale.scale !== 1024 && adamw.lossScale.finiteSteps > 0);
  const steps = adamw.parameters.map(({ step }: { step: number }) => step);
  assert.ok(new Set(steps).size > 2, `${steps}`);
});

test.run();
