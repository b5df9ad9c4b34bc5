import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { clipByGlobalNorm, cosineWithWarmup } from "../src/index.ts";
import {
  FOLDER,
  put,
  type Ran,
  run,
  runHere,
  savedFile,
  savedState,
  savedTensors,
  tensor,
} from "./reference/bin-tool.ts";
import {
  assertPlainText,
  assertUnpolluted,
  HOSTILE,
  STEERING,
  substitutions,
} from "./reference/hostile.ts";
import { recordRun } from "./reference/ledger-runs.ts";
import { plainCheckpoint, plainFile } from "./reference/plain-checkpoint.ts";

// Every text and every key of files of others, replaced by hostile ones, one at a time, through every
// command: what it prints cannot steer a terminal, no object gets what it should not inherit, and no
// file is touched but those that the command line names.

const test = suite("bin: hostile files");

put("good", savedFile());
await recordRun("good.jsonl", {
  steps: 3,
  stride: 1,
  replay: true,
  options: {
    lr: cosineWithWarmup({ peak: 0.01, warmupSteps: 1, totalSteps: 4 }),
    clip: clipByGlobalNorm(0.5),
    gradNorm: true,
  },
  before: (optimizer, k) => {
    if (k === 1) optimizer.step({ "head.bias": Float32Array.of(1, 2, 3) });
  },
});
const LINES = readFileSync(join(FOLDER, "good.jsonl"), "utf8").trimEnd().split("\n");

const contents = () => readdirSync(FOLDER, { recursive: true, encoding: "utf8" }).sort().join("\n");
const OUTPUTS = ["out", "bad", "bad.jsonl"];
for (const name of OUTPUTS) put(name, "");
const BEFORE = contents();

/** Runs a command that may well fail, in its own words. */
async function harmless(why: string, ...args: readonly string[]): Promise<Ran> {
  const ran = await runHere(...args);
  const title = `${args.join(" ")}: ${why}`;
  assert.ok([0, 1, 2].includes(ran.code as number), title);
  assertPlainText(ran.stdout + ran.stderr, title);
  assert.not.match(ran.stderr, /^ {4}at /m, `${title} ended with a stack`);
  assertUnpolluted(title);
  if (args.includes("--json") && ran.stdout !== "") JSON.parse(ran.stdout);
  return ran;
}

/** What is asked of a file: as text, and as JSON. */
const LOOKS = [
  [
    ["inspect", "bad", "--tensors", "all"],
    ["diff", "bad", "good", "--tensors", "all"],
    ["convert", "bad", "out", "--to", "float16", "--force"],
  ],
  [
    ["inspect", "bad", "--json"],
    ["diff", "good", "bad", "--json"],
  ],
];

async function lookAt(why: string, looks = LOOKS.flat()): Promise<void> {
  for (const args of looks) await harmless(why, ...args);
}

/** The worst one everywhere, then all of them in turn. */
let turn = 0;
const WAYS = [() => STEERING, () => HOSTILE[turn++ % HOSTILE.length]];

test("texts and keys of a checkpoint's state", async () => {
  const state = savedState({
    options: {
      lr: { $schedule: 0 },
      decays: { $builtIn: "noDecayOnBiasAndNorm" },
      clips: { $function: "mine" },
      clip: { kind: "globalNorm", max: 1, formula: "torch" },
      lrScale: { $layerDecay: { rate: 0.5, layerOf: "bert", unmatched: "one" } },
      lossScale: { $lossScale: { kind: "static", settings: { scale: 2 } } },
    },
    lossScale: { kind: "static", scale: 2, finiteSteps: 0, nonFiniteSteps: 0 },
    accumulation: {
      microBatches: 2,
      average: false,
      parameters: [{ name: "head.b", count: 2, sparse: false }],
    },
  });
  const tensors = [...savedTensors(), tensor("accumulated.head.b", "F32", [2], [1, 1])];
  put("bad", plainCheckpoint(JSON.stringify(state), tensors));
  const { code, stdout } = await runHere("inspect", "bad");
  assert.is(code, 0, stdout);
  let count = 0;
  for (const way of WAYS) {
    for (const [where, data] of substitutions(state, way)) {
      put("bad", plainCheckpoint(JSON.stringify(data), tensors));
      await lookAt(where, LOOKS[count++ % 2]);
    }
  }
  assert.ok(count > 150, `${count} files`);
  assert.is(contents(), BEFORE);
});

test("names of parameters and groups that agree with those of the tensors", async () => {
  for (const name of HOSTILE) {
    const { groups, parameters } = savedState();
    const state = savedState({
      groups: groups.map((group) => (group.name === "head" ? { ...group, name } : group)),
      parameters: parameters.map((parameter) =>
        parameter.name === "head.b" ? { ...parameter, name, group: name } : parameter,
      ),
    });
    const tensors = savedTensors().map((each) => ({
      ...each,
      name: each.name.replace("head.b", () => name),
    }));
    put("bad", plainCheckpoint(JSON.stringify(state), tensors));
    await lookAt(`a parameter and a group called ${JSON.stringify(name)}`);
    const { code, stdout } = await harmless(name, "inspect", "bad", "--json");
    assert.is(code, 0, stdout);
    const { checkpoint, tensors: shown } = JSON.parse(stdout);
    assert.is(checkpoint.parameters[1].name, name);
    assert.is(checkpoint.groups[1].name, name);
    assert.is(shown.filter((each: { parameter: string }) => each.parameter === name).length, 3);
    // The weights of that name come out, and under it.
    assert.is((await runHere("inspect", "out")).code, 0);
  }
  assert.is(contents(), BEFORE);
});

test("tensors and metadata of a file of others", async () => {
  for (const name of HOSTILE) {
    const tensors = [tensor(name, "F32", [1], [1]), tensor("b", "U8", [1], Uint8Array.of(1))];
    const metadata = { [name]: name, format: name, b: STEERING };
    Object.defineProperty(metadata, name, { value: name, enumerable: true });
    put("bad", plainFile(tensors, metadata));
    await lookAt(JSON.stringify(name));
    const answer = JSON.parse((await harmless(name, "inspect", "bad", "--json")).stdout);
    assert.ok(answer.tensors.some((each: { name: string }) => each.name === name));
    assert.is(Object.getOwnPropertyDescriptor(answer.metadata, name)?.value, name);
  }
  assert.is(contents(), BEFORE);
});

test("texts and keys of a ledger", async () => {
  let count = 0;
  for (const way of WAYS) {
    for (const [at, line] of LINES.entries()) {
      for (const [where, data] of substitutions(JSON.parse(line), way)) {
        put("bad.jsonl", `${LINES.with(at, JSON.stringify(data)).join("\n")}\n`);
        const why = `${where} of line ${at + 1}`;
        const json = count++ % 2 === 0 ? ["--json"] : [];
        await harmless(why, "compare", "bad.jsonl", "good.jsonl", ...json);
        await harmless(why, "verify", "bad.jsonl", ...json);
      }
    }
  }
  assert.ok(count > 200, `${count} ledgers`);
  assert.is(contents(), BEFORE);
});

test("a ledger whose run has hostile names is compared and verified", async () => {
  for (const [i, name] of HOSTILE.filter((name) => name !== "").entries()) {
    const shapes = Object.fromEntries([
      [name, [2, 3]],
      ["b", [3]],
    ]);
    const file = `own-${i}.jsonl`;
    const run = { shapes, steps: 2, replay: true, note: { [name]: name } } as const;
    await recordRun(file, run);
    const verified = await harmless(name, "verify", file);
    assert.is(verified.code, 0, verified.stdout + verified.stderr);
    const compared = await harmless(name, "compare", file, file, "--parameters", "all");
    assert.is(compared.code, 0, compared.stdout + compared.stderr);
    const other = `other-${i}.jsonl`;
    await recordRun(other, { ...run, options: { lr: 0.02 }, note: { [name]: STEERING } });
    const parted = await harmless(name, "compare", file, other, "--parameters", "all", "--json");
    assert.is(parted.code, 1);
  }
  // Nothing beside the ledgers and what belongs to them.
  const found = contents()
    .split("\n")
    .filter((name) => !BEFORE.split("\n").includes(name));
  assert.ok(
    found.every((name) => /^(own|other)-\d+\.(jsonl|start\.safetensors|gradients)$/.test(name)),
    found.join(),
  );
});

test("names of files, and what is no option", async () => {
  const names = [STEERING.replaceAll("\0", ""), "a\nb", "-", "\u202e\u{e0041}"];
  for (const name of names) {
    for (const args of [
      ["inspect", name],
      ["diff", name, "good"],
      ["compare", name, "good.jsonl"],
      ["verify", name],
      ["convert", name, "out", "--to", "float32", "--force"],
      ["convert", "good", join(name, name), "--to", "float32"],
      ["convert", "good", "out", "--to", name],
      ["inspect", "good", "--tensors", name],
      ["inspect", "good", `--${name}`],
      ["verify", "good.jsonl", "--gradients", name],
      [name],
    ]) {
      const { code } = await harmless("a name of a file", ...args);
      assert.is(code, 2, args.join(" "));
    }
  }
  // A file that has such a name, where there can be one.
  if (process.platform === "win32") return;
  const folder = join(FOLDER, "named");
  mkdirSync(folder);
  const [name] = names;
  writeFileSync(join(folder, name), savedFile());
  writeFileSync(join(folder, `${name}.jsonl`), readFileSync(join(FOLDER, "good.jsonl")));
  const path = join("named", name);
  assert.is((await harmless("", "inspect", path)).code, 0);
  assert.is((await harmless("", "diff", path, path, "--json")).code, 0);
  assert.is((await harmless("", "convert", path, `${path}2`, "--to", "float16")).code, 0);
  assert.is((await harmless("", "compare", `${path}.jsonl`, "good.jsonl")).code, 0);
  await harmless("", "verify", `${path}.jsonl`);
  assert.equal(readdirSync(folder).sort(), [name, `${name}2`, `${name}.jsonl`].sort());
});

test("the tool as a process writes the same", () => {
  put("bad", plainFile([tensor(STEERING, "F32", [1], [1])], { [STEERING]: STEERING }));
  for (const args of [
    ["inspect", "bad"],
    ["inspect", "bad", "--json"],
    ["diff", "bad", "good"],
    ["inspect", STEERING.replaceAll("\0", "")],
  ]) {
    const { stdout, stderr } = run(...args);
    assert.match(stdout + stderr, "\\u001b[2J\\u001b]0;t\\u0007\\u009b31m\\u202egnp\\u2066");
    assertPlainText(stdout + stderr, args.join(" "));
  }
});

test.run();
