import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { IDEAS } from "./ideas.ts";
import { README_FILE, readmeText } from "./readme.ts";

// Writes the files of tests/attacks/ and their README: node dist/tests/attacks/make.js, from the
// project's root.

const FOLDER = "tests/attacks";
mkdirSync(FOLDER, { recursive: true });
for (const file of readdirSync(FOLDER)) {
  if (file.endsWith(".safetensors")) rmSync(join(FOLDER, file));
}
for (const { name, bytes } of IDEAS) writeFileSync(join(FOLDER, `${name}.safetensors`), bytes);
writeFileSync(join(FOLDER, README_FILE), readmeText());
console.log(`${IDEAS.length} files in ${FOLDER}`);
