import { spawn } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { COMMANDS } from "../src/bin/commands.ts";
import { FOLDER, put, run, runHere, savedFile, TOOL, tensor } from "./reference/bin-tool.ts";
import { plainFile } from "./reference/plain-checkpoint.ts";

const test = suite("bin: usage");

test("--help lists every command on stdout", () => {
  for (const option of ["--help", "-h"]) {
    const { code, stdout, stderr } = run(option);
    assert.is(code, 0);
    assert.is(stderr, "");
    for (const { name, summary } of COMMANDS)
      assert.match(stdout, new RegExp(`  ${name} +${summary}`));
  }
});

test("without a command the help is on stderr, and the exit code 2", () => {
  const { code, stdout, stderr } = run();
  assert.is(code, 2);
  assert.is(stdout, "");
  assert.is(stderr, run("--help").stdout);
});

test("--version tells that of package.json", () => {
  const { version } = JSON.parse(
    readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
  );
  assert.equal(run("--version"), { code: 0, stdout: `ashlar ${version}\n`, stderr: "" });
});

test("the build begins with a line that finds Node", () => {
  assert.is(readFileSync(TOOL, "utf8").split("\n")[0], "#!/usr/bin/env node");
  assert.ok(statSync(TOOL).isFile());
});

for (const { name, usage } of COMMANDS) {
  test(`${name} --help prints its usage, wherever it stands`, async () => {
    assert.equal(await runHere(name, "--help"), { code: 0, stdout: `${usage}\n`, stderr: "" });
    assert.is((await runHere(name, "a", "-h")).stdout, `${usage}\n`);
    assert.ok(usage.startsWith(`Usage: ashlar ${name} `));
    assert.match(usage, /\nExit code: /);
  });
}

put("--help", savedFile());

const WRONG: readonly (readonly [args: readonly string[], message: RegExp])[] = [
  [["look"], /^ashlar: unknown command "look"\n\nUsage: ashlar COMMAND/],
  [["--look"], /^ashlar: unknown option "--look"\n/],
  [["Inspect", "x"], /unknown command "Inspect"/],
  [["\x1b[31m"], /unknown command "\\u001b\[31m"/],
  [["inspect"], /^ashlar inspect: expected FILE, got nothing\n\nUsage: ashlar inspect FILE/],
  [["inspect", "a", "b"], /expected FILE only, got "b" too/],
  [["inspect", "a", "--what"], /Unknown option '--what'\n/],
  [["inspect", "a", "--json=yes"], /'--json' does not take an argument/],
  [["inspect", "a", "--tensors", "some"], /--tensors: expected a number or all, got "some"/],
  [["inspect", "a", "--tensors", "1e3"], /--tensors: expected a number or all, got "1e3"/],
  [["inspect", "a", "--tensors"], /'--tensors <value>' argument missing/],
  [["diff", "a"], /expected A and B, got only "a"/],
  [["diff", "a", "b", "c"], /expected A and B only, got "c" too/],
  [["convert", "a", "b"], /expected --to with one of float32, float16, bfloat16, got none/],
  [["convert", "a", "b", "--to", "fp16"], /--to: expected one of .*, got "fp16"/],
  [["convert", "a", "b", "--to", "toString"], /--to: expected one of .*, got "toString"/],
  [["convert", "a", "--to", "float16"], /expected FILE and OUT, got only "a"/],
  [["compare", "a"], /expected A and B, got only "a"/],
  [["compare", "a", "b", "--parameters", "x"], /--parameters: expected a number or all, got "x"/],
  [["verify"], /expected RUN, got nothing/],
  [["verify", "a", "--gradients"], /'--gradients <value>' argument missing/],
];

test("what is wrong with a command line is on stderr with the usage, and the exit code 2", async () => {
  for (const [args, message] of WRONG) {
    const { code, stdout, stderr } = await runHere(...args);
    const title = args.join(" ");
    assert.is(code, 2, title);
    assert.is(stdout, "", title);
    assert.match(stderr, message);
    assert.match(stderr, /\n\nUsage: ashlar /);
    assert.not.match(stderr, /\n +at /);
  }
});

test("a wrong command line ends the process with 2", () => {
  const { code, stderr } = run("inspect", "a", "--what");
  assert.is(code, 2);
  assert.match(stderr, /Unknown option/);
});

test("after -- everything is a name", () => {
  assert.is(
    run("inspect", "--", "--help").stdout.split("\n")[0].slice(0, 27),
    "--help: a checkpoint of Ada",
  );
});

test("a reader that has seen enough ends it without a word", async () => {
  const tensors = Array.from({ length: 3_000 }, (_, i) => tensor(`t${i}`, "F32", [1], [i]));
  const child = spawn(
    process.execPath,
    [TOOL, "inspect", put("many", plainFile(tensors)), "--json"],
    {
      cwd: FOLDER,
    },
  );
  let stderr = "";
  child.stderr.on("data", (text) => {
    stderr += text;
  });
  child.stdout.once("data", () => child.stdout.destroy());
  const [code, signal] = await new Promise<unknown[]>((resolve) => {
    child.on("close", (...end) => resolve(end));
  });
  assert.is(stderr, "");
  assert.is(signal, null);
  assert.is(code, 0);
});

test.run();
