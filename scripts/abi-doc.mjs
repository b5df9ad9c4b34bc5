// Writes docs/abi.md from assembly/layout.ts: node scripts/abi-doc.mjs [--check] [root]
//
// --check writes nothing and fails where the document is not what would be written. Either way it
// is an error where the layout contradicts its own drawing of a record.

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const LAYOUT = "assembly/layout.ts";
const DOCUMENT = "docs/abi.md";

/** Families of constants by the prefix of their names; all others are in the first table. */
const TITLES = new Map([
  ["", "Constants"],
  ["SEG", "Segment record"],
  ["FLAG", "Flags of a segment"],
  ["METRIC", "Metrics of a block"],
  ["CHECK", "Checksums of a block"],
  ["RUN", "Run record"],
  ["JOB", "Job record"],
  ["OP", "What a job does"],
  ["CHUNK", "Chunk record"],
  ["SPAN", "Span record"],
  ["CALL", "Call record"],
  ["FAILURE", "Failure record"],
]);

/**
 * @typedef {object} Constant
 * @property {string} name
 * @property {number} value
 * @property {string} doc
 * @property {number} line
 *
 * @typedef {object} Family
 * @property {string} prefix
 * @property {string[]} text  the line comments above its first constant, without slashes
 * @property {Constant[]} constants
 */

class LayoutError extends Error {
  /** @param {number} line @param {string} message */
  constructor(line, message) {
    super(`${LAYOUT}:${line}: ${message}`);
  }
}

/**
 * Reads the layout, which may hold comments and integer constants and nothing else.
 * @param {string} source
 * @returns {Family[]}
 */
function parse(source) {
  const families = /** @type {Map<string, Family>} */ (new Map());
  let text = /** @type {string[]} */ ([]);
  let doc = "";
  source.split("\n").forEach((written, index) => {
    const line = index + 1;
    const [, name = "", value = ""] = /^export const (\w+) = ([^;]+);$/.exec(written) ?? [];
    if (written.startsWith("//")) text.push(written.replace(/^\/\/ ?/, ""));
    else if (/^(\/\*\*| \*)/.test(written)) {
      doc = `${doc} ${written.replace(/^(\/\*\*| \*(?!\/)) ?| ?\*\/$/g, "")}`.trim();
    } else if (name !== "") {
      if (!/^(\d+|0x[\da-f]+)$/i.test(value)) throw new LayoutError(line, `no integer: ${value}`);
      const prefix = name.slice(0, name.indexOf("_"));
      const key = TITLES.has(prefix) ? prefix : "";
      const family = families.get(key) ?? { prefix: key, text: [], constants: [] };
      families.set(key, family);
      family.text.push(...text);
      family.constants.push({ name, value: Number(value), doc, line });
      [text, doc] = [[], ""];
    } else if (written !== "") throw new LayoutError(line, `no comment, no constant: ${written}`);
  });
  return [...families.values()];
}

/**
 * The rows of a record's drawing: byte offset by field, the record's size as BYTES.
 * @param {readonly string[]} text
 */
function drawingOf(text) {
  const rows = /** @type {Map<string, number>} */ (new Map());
  for (const line of text) {
    const [, offset, field = ""] = /^ +(?:byte +)?(\d+) {2,}(\S.*)$/.exec(line) ?? [];
    if (offset === undefined || field === "(padding)") continue;
    rows.set(field === "next record" ? "BYTES" : field.split(" ")[0], Number(offset));
  }
  return rows;
}

/**
 * The drawing and the constants below it must say the same.
 * @param {Family} family
 */
function compareDrawing({ prefix, text, constants }) {
  const drawn = drawingOf(text);
  const first = constants[0].line;
  if (drawn.size === 0) return;
  if (prefix === "") throw new LayoutError(first, "a drawing; add its prefix to the TITLES");
  for (const { name, value, line } of constants) {
    const field = name.slice(prefix.length + 1);
    const offset = drawn.get(field);
    if (offset !== value) {
      const shown = offset === undefined ? "does not show it" : `says ${offset}`;
      throw new LayoutError(line, `${name} is ${value}, but the drawing ${shown}`);
    }
    drawn.delete(field);
  }
  for (const [field] of drawn) {
    throw new LayoutError(first, `the drawing shows ${field}, but there is no ${prefix}_${field}`);
  }
}

/**
 * Comments as Markdown: drawings become code blocks.
 * @param {readonly string[]} text
 */
function renderText(text) {
  let isCode = false;
  const lines = text.flatMap((line) => {
    const wasCode = isCode;
    isCode = line === "" ? isCode : /^ {2}/.test(line);
    if (isCode === wasCode) return [line];
    return isCode ? ["```text", line] : ["```", "", line];
  });
  if (isCode) lines.push("```");
  // An empty comment line between drawing and text belongs outside of the code block.
  return lines.join("\n").replace(/\n\n```\n/g, "\n```\n");
}

/** @param {Family} family */
function renderFamily({ prefix, text, constants }) {
  const hasDocs = constants.some(({ doc }) => doc !== "");
  const heading = prefix === "" ? "Value" : prefix === "FLAG" ? "Bit" : "Byte";
  const rows = [
    ["Constant", heading, ...(hasDocs ? ["Meaning"] : [])],
    hasDocs ? ["---", "---:", "---"] : ["---", "---:"],
    ...constants.map(({ name, value, doc }) => [
      `\`${name}\``,
      value.toLocaleString("en-US"),
      ...(hasDocs ? [doc.replace(/\|/g, "\\|")] : []),
    ]),
  ];
  const table = rows.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
  // The comment above the first constants is about that file, not about them.
  const parts = [`## ${TITLES.get(prefix)}`, prefix === "" ? "" : renderText(text), table];
  return parts.filter((part) => part !== "").join("\n\n");
}

/** @param {string} source */
function render(source) {
  const families = parse(source);
  for (const family of families) compareDrawing(family);
  return `<!-- Generated by scripts/abi-doc.mjs from ${LAYOUT}; do not edit. -->

# The ABI

What the TypeScript side and the numeric core agree on. \`${LAYOUT}\` states it once, for both
compilers; this page shows it.

${families.map(renderFamily).join("\n\n")}
`;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { check: { type: "boolean", default: false } },
});
const root = resolve(positionals[0] ?? fileURLToPath(new URL("..", import.meta.url)));
const documentPath = join(root, DOCUMENT);
try {
  const wanted = render(readFileSync(join(root, LAYOUT), "utf8"));
  const found = existsSync(documentPath) ? readFileSync(documentPath, "utf8") : "";
  if (!values.check) writeFileSync(documentPath, wanted);
  else if (found !== wanted) {
    const line = wanted.split("\n").findIndex((text, i) => text !== found.split("\n")[i]) + 1;
    console.error(`${DOCUMENT}:${line}: differs from ${LAYOUT}; run node scripts/abi-doc.mjs`);
    process.exitCode = 1;
  }
} catch (error) {
  console.error(error instanceof LayoutError ? error.message : error);
  process.exitCode = 1;
}
