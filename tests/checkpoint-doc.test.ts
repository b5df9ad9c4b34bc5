import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamW } from "../src/index.ts";
import { BUILT_IN } from "../src/optimizers/checkpoint/option-data.ts";
import { FILE_REASONS, STATE_REASONS } from "../src/state/checkpoint-error.ts";
import { KEYS, VERSION } from "../src/state/checkpoint-file/metadata.ts";
import { readKept, readKeptFile } from "./reference/checkpoint-fixtures.ts";
import { readCheckpointVectors } from "./reference/checkpoint-torch.ts";
import { docBlocks, runDocBlock } from "./reference/doc-blocks.ts";
import { checkPlain, plainCheckpoint, rawFile, readPlain } from "./reference/plain-checkpoint.ts";

// docs/checkpoint.md says what is so: its programs run, and its tables and its example are those of
// the code.

const test = suite("docs/checkpoint.md");

const text = readFileSync(resolve("docs/checkpoint.md"), "utf8");
const section = (heading: string): string => {
  const [, found] = text.split(`\n## ${heading}\n`);
  assert.ok(found, heading);
  return found.split("\n## ")[0];
};
/** First cells of the rows of all tables. */
const firstCells = (part: string): string[] =>
  [...part.matchAll(/^\| (.+?) \|/gm)].map(([, cell]) => cell).filter((cell) => cell !== "---");

for (const [number, block] of docBlocks(text).entries()) {
  test(`block ${number}, line ${block.line}, prints what its comments say`, async () => {
    assert.ok(block.promised.length > 0, "it promises nothing");
    assert.is(block.promised.length, block.calls, "a console.log without a promise");
    assert.equal(await runDocBlock(block, `checkpoint-${number}`), block.promised);
  });
}

test("there are programs for saving, loading and weights", () => {
  assert.ok(docBlocks(text).length >= 5);
});

test("the table of refusals has every reason, once", () => {
  const reasons = firstCells(section("Refusals"))
    .flatMap((cell) => cell.split(", "))
    .filter((cell) => cell !== "reason");
  assert.equal(reasons.toSorted(), [...FILE_REASONS, ...STATE_REASONS].toSorted());
});

test("the table of metadata has every key", () => {
  const keys = firstCells(section("Metadata")).filter((cell) => !cell.startsWith("key"));
  assert.equal(
    keys.map((key) => key.replaceAll("`", "")),
    Object.values(KEYS),
  );
});

test("every field of the state, every kind of tensor and of option in the kept files is specified", () => {
  const files = readKept(VERSION).files.map((kept) => readPlain(readKeptFile(kept)));
  const states = files.map(({ metadata }) => JSON.parse(metadata["ashlar.state"]));
  const fields = new Set<string>();
  for (const state of states) {
    const { groups, parameters, schedules, lossScale, accumulation } = state;
    const records = [state, ...groups, ...parameters, ...schedules, lossScale, accumulation];
    records.push(...(accumulation?.parameters ?? []));
    for (const record of records) for (const key of Object.keys(record ?? {})) fields.add(key);
  }
  const specified = `${section("The state")}${section("Option data")}`;
  for (const field of fields) {
    assert.ok(specified.includes(`\`${field}\``) || specified.includes(`"${field}"`), field);
  }
  const tags = new Set(JSON.stringify(states).match(/"\$[a-zA-Z]\w*":/g));
  assert.ok(tags.size >= 7, [...tags].join());
  for (const tag of tags) assert.ok(specified.includes(`{${tag}`), tag);
  for (const name of Object.keys(BUILT_IN)) assert.ok(specified.includes(`"${name}"`), name);
  const tensors = section("Tensors");
  for (const { name } of files.flatMap((file) => file.tensors)) {
    const prefix = name.slice(0, name.indexOf("."));
    assert.ok(tensors.includes(`| \`${prefix}.NAME\` |`), prefix);
  }
});

/** The file that the section's table and its block of JSON say. */
function exampleFile(): Uint8Array<ArrayBuffer> {
  const example = section("An example");
  const [, json] = /^```json\n([\s\S]*?)^```$/m.exec(example) ?? [];
  const header = json.replaceAll("\n", "");
  const rows = [...example.matchAll(/^\| (\d+) \| `([0-9a-f ]+)`/gm)].map(([, offset, hex]) => ({
    offset: Number(offset),
    bytes: Uint8Array.from(hex.split(" "), (byte) => Number.parseInt(byte, 16)),
  }));
  const [length, begin, ...data] = rows;
  const end = data[0].offset;
  const file = rawFile(header.padEnd(end - 8), Buffer.concat(data.map(({ bytes }) => bytes)));
  for (const { offset, bytes } of [length, begin, ...data]) {
    assert.equal(file.subarray(offset, offset + bytes.length), bytes, `offset ${offset}`);
  }
  assert.ok(example.includes(`${file.length} bytes`), `${file.length}`);
  assert.ok(example.includes(`${header.length} bytes, and ${end - 8 - header.length} spaces`));
  assert.ok(example.includes(`CRC-32 of bytes 0 to ${end - 1},`));
  const digits = Buffer.from(file).indexOf('"ashlar.header_crc32":"') + 23;
  assert.ok(example.includes(`at offset ${digits}.`), `${digits}`);
  return file;
}

test("the example is right to the byte, and what a save writes, but for the core", async () => {
  const example = exampleFile();
  checkPlain(example);
  const optimizer = await AdamW.create({ w: Float32Array.of(1) }, { lr: 0.1 });
  optimizer.step({ w: Float32Array.of(0.5) });
  const saved = readPlain(await optimizer.toBytes());
  const { core } = JSON.parse(readPlain(example).metadata["ashlar.state"]);
  const state = JSON.stringify({ ...JSON.parse(saved.metadata["ashlar.state"]), core });
  assert.equal(example, plainCheckpoint(state, saved.tensors));
  const loaded = await AdamW.load(example);
  assert.is(loaded.digest(), optimizer.digest());
  const { crcs, name } = { crcs: section("An example"), name: /CRC `([0-9a-f]{8})`/g };
  assert.equal(
    [...crcs.matchAll(name)].map(([, crc]) => crc),
    Object.values(JSON.parse(saved.metadata["ashlar.tensor_crc32"])),
  );
});

test("the Python is what the vectors were made with", () => {
  const blocks = [...text.matchAll(/^```python\n([\s\S]*?)^```$/gm)].map(([, code]) => code);
  assert.is(blocks.length, 4);
  const digest = createHash("sha256").update(blocks.join("")).digest("hex");
  const remedy = "Run scripts/checkpoint-vectors.mjs";
  assert.is(digest, readCheckpointVectors().python, remedy);
});

test.run();
