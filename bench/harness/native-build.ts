import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "./root.ts";

/** One way to compile bench/native/. */
export type Isa = "base" | "avx2" | "avx512";

/** The compiled rival: a binary for each instruction set of this processor, or why there is none. */
export type Native =
  | { readonly compiler: string; readonly binaries: Partial<Readonly<Record<Isa, string>>> }
  | { readonly why: string };

// No contraction to fused multiply-adds: the same arithmetic for all, and no errno, without which
// no compiler vectorizes a square root.
const FLAGS = ["-O3", "-std=c11", "-pthread", "-ffp-contract=off", "-fno-math-errno"];
const SOURCES = ["main.c", "kernels.c", "team.c"];
const EXTENSIONS: readonly [Isa, flag: string, feature: string][] = [
  ["avx2", "-mavx2", "avx2"],
  ["avx512", "-mavx512f", "avx512f"],
];

/** Compiles bench/native/ into a folder that is deleted when this process ends. */
export function buildNative(): Native {
  const compiler = findCompiler();
  if (!compiler) return { why: "no C compiler (cc, gcc, clang)" };
  const folder = mkdtempSync(join(tmpdir(), "ashlar-bench-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  const compile = (isa: Isa, flags: readonly string[]) => {
    const binary = join(folder, isa);
    const sources = SOURCES.map((source) => join(ROOT, "bench/native", source));
    const args = [...FLAGS, ...flags, ...sources, "-lm", "-o", binary];
    return spawnSync(compiler.command, args).status === 0 ? binary : undefined;
  };
  const base = compile("base", []);
  if (!base) return { why: `${compiler.version} does not compile bench/native/` };
  const { stdout } = spawnSync(base, { input: "features\n", encoding: "utf8" });
  const features = stdout.trim().split(" ");
  const binaries: Partial<Record<Isa, string>> = { base };
  for (const [isa, flag, feature] of EXTENSIONS) {
    const binary = features.includes(feature) ? compile(isa, [flag]) : undefined;
    if (binary) binaries[isa] = binary;
  }
  return { compiler: compiler.version, binaries };
}

function findCompiler(): { command: string; version: string } | undefined {
  for (const command of [process.env.CC, "cc", "gcc", "clang"]) {
    if (!command) continue;
    const { status, stdout } = spawnSync(command, ["--version"], { encoding: "utf8" });
    if (status === 0) return { command, version: stdout.split("\n")[0] };
  }
  return undefined;
}
