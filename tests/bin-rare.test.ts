import { spawnSync } from "node:child_process";
import fs from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { COMMANDS } from "../src/bin/commands.ts";
import { InputFile } from "../src/bin/input-file.ts";
import { main } from "../src/bin/main.ts";
import { TensorFile } from "../src/bin/tensor-file.ts";
import { processTerminal, type Terminal } from "../src/bin/terminal.ts";
import { ToolError } from "../src/bin/tool-error.ts";
import { AdamW } from "../src/index.ts";
import type { Wrong } from "./reference/bad-input.ts";
import { FOLDER, put, runHere, runJson, savedFile, TOOL, tensor } from "./reference/bin-tool.ts";
import { continueRun, putLines, recordRun } from "./reference/ledger-runs.ts";
import { errorOf } from "./reference/misuse.ts";
import { plainFile } from "./reference/plain-checkpoint.ts";

// What a disk, a pipe, a terminal or a command rarely does.

const test = suite("bin: what rarely happens");

/** A terminal that keeps what it was told. */
function watched() {
  const warned: string[] = [];
  const shown: string[] = [];
  const terminal: Terminal = {
    print: () => {},
    printJson: () => {},
    warn: (lines) => warned.push(...lines),
    status: { columns: 80, show: (text) => shown.push(text) },
  };
  return { terminal, warned, shown };
}

const [inspect] = COMMANDS.filter(({ name }) => name === "inspect");

/** What a command says that throws. */
async function saidOf(error: unknown) {
  const { terminal, warned, shown } = watched();
  const { run } = inspect;
  Object.assign(inspect, {
    run: async () => {
      throw error;
    },
  });
  try {
    assert.is(await main(["inspect", "x"], terminal), 2);
  } finally {
    Object.assign(inspect, { run });
  }
  assert.equal(shown, [""], "the status line is cleared");
  return warned;
}

test("an error of the system is a line, one that is ours comes with its stack", async () => {
  assert.equal(await saidOf("text"), ["ashlar inspect: text"]);
  const system = Object.assign(new Error("EIO: it is broken"), { code: "EIO" });
  assert.equal(await saidOf(system), ["ashlar inspect: EIO: it is broken"]);
  const [first, second] = await saidOf(new TypeError("a slip"));
  assert.is(first, "TypeError: a slip");
  assert.match(second, /^ {4}at /);
  const bare = Object.assign(new Error("a slip"), { stack: undefined });
  assert.equal(await saidOf(bare), ["Error: a slip"]);
});

test("the status line is cleared by every command that ends well", async () => {
  await recordRun("cleared.jsonl", { steps: 2, replay: true });
  for (const args of [
    ["compare", "cleared.jsonl", "cleared.jsonl"],
    ["verify", "cleared.jsonl"],
  ]) {
    const { terminal, shown } = watched();
    const cwd = process.cwd();
    process.chdir(FOLDER);
    try {
      assert.is(await main(args, terminal), 0);
    } finally {
      process.chdir(cwd);
    }
    assert.is(shown.at(-1), "");
  }
});

test("the terminal of a process: a status line that steers nothing, and readers that go away", () => {
  const { stdout, stderr, exit } = process;
  const { isTTY, write, columns } = stderr;
  const listeners = new Set(stdout.listeners("error"));
  const written: string[] = [];
  let exits = 0;
  Object.assign(stderr, { isTTY: true, columns: 0, write: (text: string) => written.push(text) });
  process.exit = (() => {
    exits++;
  }) as never;
  try {
    const { status } = processTerminal();
    assert.is(status?.columns, 80);
    for (const text of ["half\u001b[2J", "half\u001b[2J", ""]) status?.show(text);
    const [ours] = stdout.listeners("error").filter((each) => !listeners.has(each));
    const error = (code: string) => Object.assign(new Error(code), { code });
    ours(error("EPIPE"));
    assert.is(exits, 1);
    assert.throws(() => ours(error("EIO")), "EIO");
    stdout.off("error", ours as never);
  } finally {
    Object.assign(stderr, { isTTY, write, columns });
    process.exit = exit;
  }
  assert.equal(written, ["\rhalf\\u001b[2J\u001b[K", "\r\u001b[K"]);
  assert.is(exits, 1);
});

/** Runs `act` while files opened by name are of this kind, with these bytes; or fail to be read. */
async function withFile(
  bytes: Uint8Array | Error,
  { kind = "file", size = 1e6, end }: { kind?: "file" | "pipe"; size?: number; end?: Error },
  act: () => Promise<void>,
): Promise<void> {
  const { open } = fs.promises;
  let at = 0;
  const handle = {
    stat: async () => ({
      isFile: () => kind === "file",
      isDirectory: () => false,
      isSymbolicLink: () => false,
      ...{ dev: 1n, ino: 1n, size: BigInt(size), mode: 0o644n, mtimeMs: 0n, ctimeMs: 0n },
    }),
    async read(into: Uint8Array, from: number, length: number, position: number | null) {
      if (bytes instanceof Error) throw bytes;
      const begin = position ?? at;
      const part = bytes.subarray(begin, begin + length);
      if (end && part.length === 0) throw end;
      into.set(part, from);
      at = begin + part.length;
      return { bytesRead: part.length };
    },
    close: async () => {},
  };
  fs.promises.open = (async () => handle) as never;
  try {
    await act();
  } finally {
    fs.promises.open = open;
  }
}

const broken = Object.assign(new Error("EIO: i/o error, read"), { code: "EIO" });

test("a disk that cannot be read is told with the file's name", async () => {
  await withFile(broken, {}, async () => {
    const input = await InputFile.open("x");
    for (const length of [1, 1 << 20]) {
      const error = await errorOf(() => input.read(new Uint8Array(length)));
      assert.is(error.message, 'cannot read "x": EIO: i/o error, read');
    }
    for (const command of ["inspect", "diff", "compare", "verify"]) {
      const files = command === "diff" || command === "compare" ? ["x", "x"] : ["x"];
      const { code, stderr } = await runHere(command, ...files);
      assert.is(code, 2);
      assert.is(stderr, `ashlar ${command}: cannot read "x": EIO: i/o error, read\n`);
    }
    const error = await errorOf(() => TensorFile.open("x"));
    assert.not.instance(error, ToolError, "it is the system's");
  });
});

test("a pipe is skipped over by reading it, as far as it goes", async () => {
  await withFile(Uint8Array.of(1, 2, 3, 4, 5), { kind: "pipe" }, async () => {
    const input = await InputFile.open("x");
    assert.is(input.size, null);
    assert.is(await input.skip(2), 2);
    const into = new Uint8Array(1);
    await input.read(into);
    assert.is(into[0], 3);
    assert.is(await input.skip(9), 2);
  });
});

test("a file is skipped over without reading it, as far as it goes", async () => {
  await withFile(broken, { size: 5 }, async () => {
    const input = await InputFile.open("x");
    assert.is(await input.skip(3), 3);
    assert.is(await input.skip(3), 2);
  });
});

test("a ledger that cannot be read to its end", async () => {
  const beginning = new TextEncoder().encode('{"ashlar":"run","version":1,');
  await withFile(beginning, { size: 1e6, end: broken }, async () => {
    const { code, stderr } = await runHere("compare", "x", "x");
    assert.is(code, 2);
    assert.is(stderr, 'ashlar compare: cannot read "x": EIO: i/o error, read\n');
  });
});

test("a file that shrinks once its header was read", async () => {
  const whole = plainFile([tensor("w", "F32", [4], [1, 2, 3, 4])]);
  await withFile(whole.subarray(0, -4), { size: whole.length }, async () => {
    const file = await TensorFile.open("x");
    const read = async () => {
      for await (const _ of file.chunks(file.tensors[0]));
    };
    assert.is(
      (await errorOf(read)).message,
      `cannot read "x": TRUNCATED: "size" of the file: expected more bytes, got ${whole.length - 4}`,
    );
  });
});

if (process.platform !== "win32") {
  test("a ledger by a pipe has no size, whichever side it is", async () => {
    await recordRun("piped.jsonl", { steps: 3 });
    for (const pair of ["/dev/stdin piped.jsonl", "piped.jsonl /dev/stdin"]) {
      const line = `cat piped.jsonl | "${process.execPath}" "${TOOL}" compare ${pair}`;
      const options = { cwd: FOLDER, encoding: "utf8" } as const;
      const { status, stdout } = spawnSync("sh", ["-c", line], options);
      assert.match(stdout, /\nSame: 3 steps and digest /);
      assert.is(status, 0);
    }
  });
}

test("a file without tensors is converted to one without tensors", async () => {
  put("none.safetensors", plainFile([]));
  const { code } = await runHere("convert", "none.safetensors", "out", "--to", "float16");
  assert.is(code, 0);
  const { answer } = await runJson("inspect", "out");
  assert.equal([answer.sound, answer.tensors], [true, []]);
});

test("tensors of other shapes beside one that is not finite", async () => {
  const [other, odd] = [tensor("b", "F32", [1], [1]), tensor("b", "F32", [2], [1, 2])];
  put("x.safetensors", plainFile([tensor("a", "F32", [2], [1, Number.NaN]), other]));
  put("y.safetensors", plainFile([tensor("a", "F32", [2], [1, 2]), odd]));
  const { code, stdout } = await runHere("diff", "x.safetensors", "y.safetensors");
  assert.is(code, 1);
  const rows = stdout.split("\n").map((line) => line.trim().replace(/ +/g, " "));
  assert.ok(
    rows.some((row) => /^b F32 \[1\] \| \[2\]|^b .*\[1\].*\[2\]/.test(row)),
    stdout,
  );
  assert.ok(
    rows.some((row) => row.startsWith("a F32 [2]")),
    stdout,
  );
});

const linesOf = (name: string) => fs.readFileSync(join(FOLDER, name), "utf8").trimEnd().split("\n");
const changed = (line: string, change: object) =>
  JSON.stringify({ ...JSON.parse(line), ...change });

test("runs whose ends alone are not the same: ashlar or an engine is to blame", async () => {
  await recordRun("end.jsonl", { steps: 3, stride: 1 });
  const lines = linesOf("end.jsonl");
  putLines(
    "other-end.jsonl",
    lines.with(-1, changed(lines.at(-1) as string, { digest: "0".repeat(64) })),
  );
  const { code, answer } = await runJson("compare", "end.jsonl", "other-end.jsonl");
  assert.equal([code, answer.verdict, answer.first], [1, "optimizer", null]);
  const { stdout } = await runHere("compare", "end.jsonl", "other-end.jsonl");
  assert.match(stdout, /\nDifferent: at the end, in the digest\. The same in 3 steps\n/);
});

test("steps that nobody recorded before a run was taken up again", async () => {
  await recordRun("gap.jsonl", { steps: 3, close: false });
  const lines = linesOf("gap.jsonl");
  putLines("gap.jsonl", [...lines, changed(lines[0], { resumed: true, step: 5 })]);
  const { code, stderr } = await runHere("compare", "gap.jsonl", "gap.jsonl");
  assert.is(code, 2);
  assert.is(
    stderr,
    'ashlar compare: cannot read "gap.jsonl": line 5: steps 4 to 5 were not recorded\n',
  );
});

test("an end and parameters that a later sitting takes back do not count", async () => {
  const more = (name: string) => [{ name, shape: [3], data: new Float32Array(3) }];
  await recordRun("back.jsonl", {
    steps: 4,
    after: (optimizer, k) => {
      if (k === 2) optimizer.addParameters(more("late"));
    },
  });
  const [header, ...rest] = linesOf("back.jsonl");
  // Taken up again from step 1, and the same again but for the parameters.
  await recordRun("short.jsonl", { steps: 4 });
  const [, first, ...others] = linesOf("short.jsonl");
  putLines("back.jsonl", [
    header,
    ...rest,
    changed(header, { resumed: true, step: 1, ...stateOf(first) }),
    ...others,
  ]);
  const { answer } = await runJson("compare", "short.jsonl", "back.jsonl");
  assert.equal([answer.compared?.to, answer.b.resumed], [4, 1]);
});

test("a run that was taken up again right after a step that was skipped, or before any", async () => {
  const bad = { nonFinite: "skip" } as const;
  await recordRun("skips.jsonl", {
    steps: 4,
    options: bad,
    before: (optimizer, k) => {
      if (k === 2) optimizer.gradient("head.bias")[0] = Number.NaN;
    },
    after: async (optimizer, k) => {
      if (k === 2) await optimizer.save(join(FOLDER, "skipped"));
    },
  });
  const lines = linesOf("skips.jsonl");
  assert.equal(
    lines.slice(1, 4).map((line) => JSON.parse(line).step),
    [1, 2, 2],
  );
  // A later ledger that begins with an applied step, and one that begins with its end.
  for (const steps of [1, 0]) {
    const later = await AdamW.load(join(FOLDER, "skipped"), bad);
    await continueRun(`later-${steps}.jsonl`, later, { steps });
    later.dispose();
    const { answer } = await runJson("compare", "skips.jsonl", `later-${steps}.jsonl`);
    assert.equal(answer.compared, steps === 1 ? { from: 3, to: 3, skipped: 0 } : null);
  }
  const at = (step: number, from: string) =>
    changed(lines[0], { resumed: true, step, ...stateOf(from) });
  putLines("again.jsonl", [...lines.slice(0, 4), at(2, lines[2]), ...lines.slice(4)]);
  const again = await runJson("compare", "again.jsonl", "again.jsonl");
  assert.equal([again.code, again.answer.compared], [0, { from: 1, to: 3, skipped: 1 }]);
  putLines("before.jsonl", [lines[0], changed(lines[0], { resumed: true }), ...lines.slice(1)]);
  const before = await runJson("compare", "before.jsonl", "before.jsonl");
  assert.equal([before.code, before.answer.compared], [0, { from: 1, to: 3, skipped: 1 }]);
});

/** What a header says of the state, as a step has it. */
function stateOf(line: string): object {
  const { state, states } = JSON.parse(line);
  return { state, states };
}

test("a checkpoint of a class that this ashlar does not have", async () => {
  await recordRun("class.jsonl", { steps: 1 });
  put("class.safetensors", savedFile({ class: "Lion" } as Wrong));
  put("plain.safetensors", plainFile([tensor("w", "F32", [1], [1])]));
  for (const [start, why] of [
    ["class.safetensors", "this ashlar has no class Lion"],
    ["plain.safetensors", "it is a safetensors file, but no checkpoint"],
  ]) {
    const args = ["verify", "class.jsonl", "--start", start, "--gradients", "x.mjs"];
    const { code, stderr } = await runHere(...args);
    assert.is(code, 2);
    assert.is(stderr, `ashlar verify: cannot replay "${start}": ${why}\n`);
  }
});

test.run();
