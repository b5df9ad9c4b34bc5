import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { inScratchFolder } from "./scratch.ts";

// A build and engines for scripts/proof.mjs that only print. Parts of the fakes are JavaScript, to be
// run in them: they may change \`lines\`, or a page's \`results\`.

const SCRIPT = resolve("scripts/proof.mjs");
export const LINES = readFileSync("tests/engines/proof.txt", "utf8").trimEnd().split("\n");
export const [FIVE, FIFTY] = LINES;
/** The beginnings of the committed digests, as the table has them. */
export const [AT_5, AT_50] = [FIVE, FIFTY].map((line) => line.slice(-64, -52));

export const DENO = "engines/node_modules/@deno/some-system/deno";
export const BUN = "engines/node_modules/@oven/bun-some-system/bin/bun";
export const NEWER_NODE = "engines/newer-node/node_modules/node-some-system/bin/node";

/** Prints the committed digests up to its steps, after a change of theirs. */
export const printing = (change = "") => `
  const [steps, threads, kernel] = process.argv.slice(2);
  let lines = ${JSON.stringify(LINES)}.filter((line) => parseInt(line, 10) <= Number(steps));
  ${change}
  for (const line of lines) console.log(line);`;
/** Prints the digest for each layout, after a change of the lines. */
export const layouts = (change = "") => `
  const [steps, partitions, orders] = process.argv.slice(2).map(Number);
  const digest = ${JSON.stringify(LINES)}.find((line) => line.startsWith(steps + " ")).slice(-64);
  const lines = [];
  for (let i = 1; i <= partitions; i++) lines.push("partition " + i + " " + digest);
  for (let i = 1; i <= orders; i++) lines.push("order " + i + " " + digest);
  ${change}
  for (const line of lines) console.log(line);`;
const BUILD = {
  "dist/package.json": `{"type":"module"}`,
  "dist/tests/engines/proof-run.js": printing(),
  "dist/tests/engines/proof-layouts-run.js": layouts(),
  "dist/assembly/layout.js": "",
  "dist/src/index.js": "",
  "dist/tests/reference/random.js": "",
};

/** Runs the program that it is given as Node does, after a change of its lines. */
export const engine = (version: string, change = "") => `#!${process.execPath}
  if (process.argv[2] === "--version") console.log(${JSON.stringify(version)});
  else {
    process.argv.splice(0, process.argv.findIndex((word) => word.endsWith(".js"), 2) - 1);
    ${printing(change)}
  }`;
/** Posts what a page would. */
export const browser = (change = "") => `#!${process.execPath}
  if (process.argv[2] === "--version") console.log("Chromium 1.2.3.4 of ours");
  else {
    setInterval(() => {}, 1000);
    const url = process.argv.at(-1);
    (async () => {
      const request = await (await fetch(new URL("/files/proof.json", url))).json();
      const { steps, threads, kernel } = request;
      const lines = ${JSON.stringify(LINES)}.filter((line) => parseInt(line, 10) <= steps);
      let results = lines.map((name) => ({ name, ok: true, detail: "" }));
      ${change}
      await fetch(new URL("/report", url), { method: "POST", body: JSON.stringify(results) });
    })();
  }`;

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly last: string | undefined;
}

export function runProof(files: Record<string, string>, ...argv: string[]): Promise<Outcome> {
  return inScratchFolder(async (root) => {
    for (const [path, text] of Object.entries({ ...BUILD, ...files })) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text, { mode: 0o755 });
    }
    const places = ["--dist", join(root, "dist"), "--installed", join(root, "engines")];
    const { status, stdout, stderr } = spawnSync(process.execPath, [SCRIPT, ...places, ...argv], {
      encoding: "utf8",
      env: { PATH: join(root, "bin"), TMPDIR: root },
    });
    return { status, stdout, stderr, last: stdout.trimEnd().split("\n").at(-1) };
  });
}

const ONE = ["--threads", "1", "--kernels", "simd"];
export const only = (...names: string[]) => ["--engines", names.join(","), ...ONE];

/** A shell that has WebAssembly, and prints these lines in the place of the program. */
export const shell = (lines: string[]) => `#!${process.execPath}
  if (process.argv[2] === "-e") console.log("object");
  else {
    const program = require("node:fs").readFileSync(process.argv.at(-1), "utf8");
    const { steps, threads, kernel } = JSON.parse(/proofLines\\((.*?)\\)/.exec(program)[1]);
    if (threads > 1) console.log("unavailable no workers");
    else for (const line of ${JSON.stringify(lines)}) console.log(line);
  }`;

/** For a fake engine. */
export const NO_THREADS = `if (threads > 1) lines = ["unavailable no shared memory"];`;
