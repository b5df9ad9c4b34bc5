import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { findMpi } from "./mpi/mpirun.ts";
import { docBlocks } from "./reference/doc-blocks.ts";
import { inScratchFolder } from "./reference/scratch.ts";

// The program of docs/mpi.md, under mpirun.

const test = suite("docs/mpi.md");
const found = findMpi();
const ranks = found.mpirun ? test : test.skip;
if (!found.mpirun) console.log(`not run: ${found.version}`);

const blocks = docBlocks(readFileSync(resolve("docs/mpi.md"), "utf8"));

const run = (argv: readonly string[]) =>
  spawnSync(found.mpirun as string, argv, { encoding: "utf8", timeout: 60_000 });

ranks("the program prints on four ranks what it says", () =>
  inScratchFolder(async (folder) => {
    assert.is(blocks.length, 1);
    const [{ code, promised }] = blocks;
    const program = join(folder, "program.mjs");
    const module = new URL("../src/adapters/mpi/index.js", import.meta.url).href;
    writeFileSync(program, code.replace('"ashlar/mpi"', JSON.stringify(module)));
    const argv = [...found.flags, "-n", "4", process.execPath, program];
    const { status, stdout, stderr } = run(argv);
    assert.is(status, 0, stderr);
    const lines = stdout.trim().split("\n").sort();
    assert.equal(
      lines,
      [0, 1, 2, 3].map((rank) => `rank ${rank} of 4: 0.625`),
    );
    assert.equal(promised, lines.slice(-1));
  }),
);

test.run();
