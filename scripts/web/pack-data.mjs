// Packs what the page of examples/browser learns from: the model and the files, out of the packages
// that are installed.

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const MODEL_PACKAGE = "@vscode/vscode-languagedetection";
const LICENCE = /^(licen[cs]e|copying|notice)/i;

/**
 * Writes the files that examples/browser/engine/fetch-corpus.ts fetches, and the licences of all that
 * is in them.
 * @param {string} built  the build's folder, dist
 * @param {string} folder  made anew
 */
export async function packData(built, folder) {
  const example = join(built, "examples");
  const { loadSamples } = await import(join(example, "language-detector/files.js"));
  const { readModelFiles } = await import(join(example, "language-detector/model.js"));
  const { packageFolder } = await import(join(example, "common/packages.js"));
  const { packCorpus } = await import(join(example, "browser/engine/corpus.js"));
  const { CORPUS_FILES } = await import(join(example, "browser/engine/fetch-corpus.js"));

  const samples = loadSamples();
  const packed = packCorpus(samples, readModelFiles());
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [part, name] of Object.entries(CORPUS_FILES)) {
    const contents = packed[part];
    writeFileSync(
      join(folder, name),
      part === "index" ? JSON.stringify(contents) : gzipSync(contents, { level: 9 }),
    );
  }
  const names = /** @type {Set<string>} */ (new Set([MODEL_PACKAGE]));
  for (const sample of samples.train) names.add(sample.package);
  writeFileSync(join(folder, "licences.txt"), licencesOf([...names].sort(), packageFolder));
}

/**
 * @param {string[]} names
 * @param {(name: string) => string} folderOf
 */
function licencesOf(names, folderOf) {
  const parts = names.map((name) => {
    const folder = folderOf(name);
    const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const texts = readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile() && LICENCE.test(entry.name))
      .map((entry) => readFileSync(join(folder, entry.name), "utf8").trim());
    const field = typeof license === "string" ? license : (license?.type ?? "no licence field");
    return [`== ${name} ${version}: ${field}`, ...texts].join("\n\n");
  });
  return `The model comes from ${MODEL_PACKAGE}; the files in train.pack from the other packages.\n\n${parts.join("\n\n\n")}\n`;
}
