// A copy of the built project, in which sources are broken and tests run. The project itself is only
// read.

import { spawnSync } from "node:child_process";
import {
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { CORES, CompileError, compileCore, inlinedBinary } from "../cores.mjs";
import { mutated } from "./mutant.mjs";

/** @typedef {import("./mutant.mjs").Mutant} Mutant */
/** @typedef {{ passed: number, failures: { name: string, text: string }[], seconds: number }} Outcome */

/**
 * Not copied: what nothing of a test reads, and what is linked. `build` grows to gigabytes, and while
 * the tests run under coverage files come and go in it.
 */
const LEFT_OUT = new Set(["node_modules", "build", "coverage", "out"]);
/** Seconds for a test file: a mutant may well loop for ever. */
const LIMIT = 100;
const LINGER = 5;

/** asc's own state is not made for two compilations at once. @type {Promise<unknown>} */
let compiling = Promise.resolve();

/** Tools keep folders of theirs under a dot, with whatever in them: sockets can't even be copied. @param {string} path */
function isNeeded(path) {
  const name = basename(path);
  if (LEFT_OUT.has(name) || name.startsWith(".")) return false;
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat !== undefined && (stat.isFile() || stat.isDirectory() || stat.isSymbolicLink());
}

export class WorkCopy {
  /** @type {string} */
  root;
  #reports = 0;
  /** What a mutant has changed, as it was before. @type {Map<string, Uint8Array>} */
  #before = new Map();

  /** @param {string} project */
  constructor(project) {
    this.root = mkdtempSync(join(tmpdir(), "mutants-"));
    cpSync(project, this.root, {
      recursive: true,
      filter: (source) => source === project || isNeeded(source),
    });
    symlinkSync(join(project, "node_modules"), join(this.root, "node_modules"), "junction");
    mkdirSync(join(this.root, "out"));
  }

  remove() {
    rmSync(this.root, { recursive: true, force: true });
  }

  /** @param {string} path */
  #keep(path) {
    if (!this.#before.has(path)) this.#before.set(path, readFileSync(join(this.root, path)));
  }

  /** @param {string} path @param {string | Uint8Array} contents */
  #write(path, contents) {
    this.#keep(path);
    writeFileSync(join(this.root, path), contents);
  }

  /**
   * Puts a mutant into the sources and into what is built of them.
   * @param {Mutant} mutant
   * @param {boolean} everywhere  of assembly/: whether all cores get it
   * @throws {CompileError} where it does not compile
   */
  async apply(mutant, everywhere = false) {
    const { file, core: target = "core" } = mutant;
    this.#write(file, mutated(readFileSync(join(this.root, file), "utf8"), mutant));
    if (!file.startsWith("assembly/")) {
      await this.#transpile(file);
      return;
    }
    for (const core of CORES.filter((core) => everywhere || core.target === target)) {
      for (const kind of ["wasm", "wat"]) this.#keep(`dist/${core.file}.${kind}`);
      const compiled = compiling.then(() => compileCore(this.root, join(this.root, "dist"), core));
      compiling = compiled.catch(() => {});
      const binary = await compiled;
      this.#write(core.module, inlinedBinary(binary, core.file));
      await this.#transpile(core.module);
    }
  }

  /** @param {string} file */
  async #transpile(file) {
    const text = readFileSync(join(this.root, file), "utf8");
    const { transformWithOxc } = await import("vite");
    const { code } = await transformWithOxc(text, file, {
      lang: "ts",
      target: "es2022",
      sourcemap: false,
      typescript: { rewriteImportExtensions: true, onlyRemoveTypeImports: true },
    }).catch((error) => {
      throw new CompileError(stripVTControlCharacters(String(error.message)));
    });
    this.#write(`dist/${file.replace(/\.ts$/, ".js")}`, code);
  }

  /** Takes back all that `apply` did. */
  restore() {
    for (const [path, contents] of this.#before) writeFileSync(join(this.root, path), contents);
    this.#before.clear();
  }

  /**
   * Runs a test file as the runner does, as far as its first failure.
   * @param {string} name  below dist/tests
   * @returns {Promise<Outcome>}
   */
  async run(name) {
    const harness = pathToFileURL(join(this.root, "dist/tests/harness/files.js")).href;
    const { runFile } = await import(harness);
    const reportPath = join(this.root, "out", `${this.#reports++}.jsonl`);
    const limits = { limit: LIMIT, linger: LINGER, bail: true, cwd: this.root };
    const path = join(this.root, "dist/tests", name);
    const { report, milliseconds } = await runFile(name, path, reportPath, limits);
    return { passed: report.passed, failures: report.failures, seconds: milliseconds / 1000 };
  }

  /**
   * What the type checker says of mutants that are all in the sources at once; "" for nothing.
   * @param {readonly Mutant[]} mutants
   */
  typeErrors(mutants) {
    for (const mutant of mutants) {
      const path = join(this.root, mutant.file);
      this.#write(mutant.file, mutated(readFileSync(path, "utf8"), mutant));
    }
    const manifest = createRequire(import.meta.url).resolve("typescript/package.json");
    const { bin } = JSON.parse(readFileSync(manifest, "utf8"));
    const argv = [join(dirname(manifest), bin.tsc), "--noEmit", "--pretty", "false"];
    // What a mutant leaves unused is no fault of it.
    argv.push("--noUnusedLocals", "false", "--noUnusedParameters", "false");
    const { status, stdout, stderr } = spawnSync(process.execPath, argv, {
      cwd: this.root,
      encoding: "utf8",
    });
    this.restore();
    return status === 0 ? "" : `${stdout}${stderr}`.trim();
  }
}
