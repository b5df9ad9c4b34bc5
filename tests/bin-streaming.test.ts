import { spawnSync } from "node:child_process";
import { truncateSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { progressLine } from "../src/bin/progress-line.ts";
import type { Terminal } from "../src/bin/terminal.ts";
import { FOLDER, put, TOOL, tensor } from "./reference/bin-tool.ts";
import { padded, plainFile, rawFile } from "./reference/plain-checkpoint.ts";

const test = suite("bin: streaming");

const SIZE = 192 * 2 ** 20;

/** A file of zeros that takes no space: one tensor of so many bytes. */
function hollow(name: string, bytes: number): string {
  const header = padded(`{"w":{"dtype":"F32","shape":[${bytes / 4}],"data_offsets":[0,${bytes}]}}`);
  put(name, rawFile(header));
  truncateSync(join(FOLDER, name), 8 + header.length + bytes);
  return name;
}

/** Runs it, and returns the most memory that it had, in bytes, as the last line on stderr says. */
function mostMemory(...args: string[]): number {
  const report = 'process.on("exit",()=>console.error(process.resourceUsage().maxRSS))';
  const hook = `data:text/javascript,${encodeURIComponent(report)}`;
  const { status, stderr } = spawnSync(process.execPath, ["--import", hook, TOOL, ...args], {
    cwd: FOLDER,
    encoding: "utf8",
  });
  assert.is(status, 0, stderr);
  return Number(stderr.trim().split("\n").at(-1)) * 1024;
}

test("memory does not grow with the file", () => {
  hollow("large", SIZE);
  put("small", plainFile([tensor("w", "F32", [1], [0])]));
  const commands = [
    (file: string) => ["inspect", file],
    (file: string) => ["diff", file, file],
    (file: string) => ["convert", file, "out", "--to", "float16", "--force"],
  ];
  for (const command of commands) {
    const grown = mostMemory(...command("large")) - mostMemory(...command("small"));
    assert.ok(grown < 48 * 2 ** 20, `${command("large").join(" ")}: ${grown} bytes more`);
  }
});

/** A terminal that keeps what its status line showed, at times that the test sets. */
function watched() {
  const shown: string[] = [];
  const status = { columns: 40, show: (text: string) => shown.push(text) };
  return { shown, terminal: { status } as unknown as Terminal };
}

test("progress is shown after a second, ten times a second, and is gone at the end", () => {
  const { now } = performance;
  let clock = 0;
  performance.now = () => clock;
  try {
    const { shown, terminal } = watched();
    const progress = progressLine(terminal, "a name that is too long for the line");
    const at = (milliseconds: number, bytes: number) => {
      clock = milliseconds;
      progress({ bytes, total: 2_000_000 });
    };
    at(0, 0);
    at(999, 100_000);
    assert.equal(shown, []);
    at(1_000, 500_000);
    assert.equal(shown, [" 25 % of 2.0 MB, a name that is too lon"]);
    at(1_050, 600_000);
    assert.is(shown.length, 1);
    at(1_100, 1_999_999);
    assert.is(shown[1].slice(0, 16), " 99 % of 2.0 MB,");
    at(1_101, 2_000_000);
    assert.is(shown[2], "");
  } finally {
    performance.now = now;
  }
});

test("where nobody looks, no progress is shown", () => {
  const progress = progressLine({ status: null } as unknown as Terminal, "x");
  progress({ bytes: 1, total: 2 });
});

test.run();
