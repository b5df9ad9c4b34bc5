// Checks docs/features.md: node scripts/check-features.mjs [root]
//
// Each row of its table names the tests that prove it, `tests/FILE`: "TITLE", and links to an
// example that runs, or begins its text with "Not yet". A named test must exist and run: a skipped
// or deleted one proves nothing. An example is a heading with a ```js block under it, in a document
// whose blocks a test runs. Links must lead somewhere.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { SyntaxKind } from "typescript/unstable/ast";
import { tokensOf } from "./source-tokens.mjs";

/** @typedef {import("./source-tokens.mjs").Token} Token */

const FILE = "docs/features.md";
const HEADINGS = ["feature", "in", "here", "tests", "example", "more"];
const TEST = /`(tests\/[^`]+)`: "([^"]+)"/g;
const LINK = /\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g;
/** A template literal with less text of its own would fit any title. */
const LEAST_TEXT = 8;

/**
 * @typedef {{
 *   feature: string, here: string, tests: string, example: string, more: string, line: number
 * }} Row
 */

/**
 * The rows of the table under HEADINGS.
 * @param {string} text
 * @param {(message: string) => void} complain
 */
function readRows(text, complain) {
  const lines = text.split("\n").map((line, i) => ({ cells: cellsOf(line), line: i + 1 }));
  const start = lines.findIndex(({ cells }) => cells?.join() === HEADINGS.join());
  const rows = /** @type {Row[]} */ ([]);
  for (const { cells, line } of start < 0 ? [] : lines.slice(start + 2)) {
    if (!cells) break;
    const [feature, , here, tests, example, more] = cells;
    if (cells.length !== HEADINGS.length) {
      complain(`${FILE}:${line}: expected ${HEADINGS.length} cells, got ${cells.length}`);
    } else rows.push({ feature, here, tests, example, more, line });
  }
  if (rows.length === 0) complain(`${FILE}: no table | ${HEADINGS.join(" | ")} |`);
  return rows;
}

/** @param {string} line */
function cellsOf(line) {
  if (!/^\|.*\|$/.test(line)) return undefined;
  const cells = line.slice(1, -1).split("|");
  return cells.map((cell) => cell.trim());
}

/**
 * The titles of a test file's tests as they are written, template literals in pieces; of those
 * that run: `test.skip(...)` is none.
 * @param {string} source
 * @returns {string[][]}
 */
function titlesOf(source) {
  const tokens = tokensOf(source);
  const suites = new Set(
    tokens.flatMap(({ text }, i) =>
      text === "suite" && tokens[i - 1]?.text === "=" && tokens[i + 1]?.text === "("
        ? [tokens[i - 2].text]
        : [],
    ),
  );
  return tokens.flatMap(({ text }, i) => {
    const called = suites.has(text) && tokens[i + 1]?.text === "(" && tokens[i - 1]?.text !== ".";
    const pieces = called ? literalAt(tokens, i + 2) : undefined;
    return pieces ? [pieces] : [];
  });
}

/**
 * The text of the string or template literal at token `i`, cut at its expressions.
 * @param {Token[]} tokens
 * @param {number} i
 */
function literalAt(tokens, i) {
  const { kind, value } = tokens[i];
  if (kind === SyntaxKind.StringLiteral) return [value];
  if (kind === SyntaxKind.NoSubstitutionTemplateLiteral) return [value.slice(1, -1)];
  if (kind !== SyntaxKind.TemplateHead) return undefined;
  const pieces = [value.slice(1, -2)];
  for (let depth = 1; depth > 0 && ++i < tokens.length; ) {
    const token = tokens[i];
    if (token.kind === SyntaxKind.TemplateHead) depth++;
    const own = depth === 1;
    if (token.kind === SyntaxKind.TemplateTail) {
      depth--;
      if (own) pieces.push(token.text.slice(1, -1));
    } else if (own && token.kind === SyntaxKind.TemplateMiddle) {
      pieces.push(token.text.slice(1, -2));
    }
  }
  return pieces;
}

/**
 * Whether a title is one of the file's: word for word, or with words of the file in the place of
 * each `${...}`.
 * @param {string} title
 * @param {string} source
 */
function hasTitle(title, source) {
  return titlesOf(source).some((pieces) => {
    if (pieces.length === 1) return title === pieces[0];
    if (pieces.join("").length < LEAST_TEXT) return false;
    const escaped = pieces.map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
    const found = new RegExp(`^${escaped.join("(.+)")}$`).exec(title);
    return found?.slice(1).every((word) => source.includes(word)) ?? false;
  });
}

/** GitHub's anchor of a heading. @param {string} heading */
const anchorOf = (heading) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replace(/\s/g, "-");

/**
 * The text under each heading of a document by its anchor, what stands in code blocks left alone.
 * @param {string} text
 * @returns {Map<string, string>}
 */
function sectionsOf(text) {
  const sections = /** @type {Map<string, string>} */ (new Map());
  let [anchor, fenced] = ["", false];
  for (const line of text.split("\n")) {
    if (line.startsWith("```")) fenced = !fenced;
    const heading = fenced ? null : /^#+ (.*)$/.exec(line);
    if (heading) anchor = anchorOf(heading[1]);
    sections.set(anchor, `${sections.get(anchor) ?? ""}${line}\n`);
  }
  return sections;
}

/**
 * The links of a text that lies at `path`, with the file that each leads to.
 * @param {string} text
 * @param {string} path
 * @returns {{ file: string, anchor: string | undefined, to: string }[]}
 */
const linksOf = (text, path) =>
  Array.from(text.matchAll(LINK), ([, file, anchor]) => ({
    file,
    anchor,
    to: file === "" ? path : join(dirname(path), file),
  }));

/**
 * What is wrong with the links of a text that lies at `path`.
 * @param {string} text
 * @param {string} path
 */
function brokenLinks(text, path) {
  return linksOf(text, path).flatMap(({ file, anchor, to }) => {
    if (!existsSync(to)) return [`the link to ${file} leads nowhere`];
    if (anchor === undefined || sectionsOf(readFileSync(to, "utf8")).has(anchor)) return [];
    return [`${file || "this file"} has no heading #${anchor}`];
  });
}

/**
 * What is wrong with the examples of a row. A link that leads nowhere is told of elsewhere.
 * @param {string} example
 * @param {string} root
 */
function badExamples(example, root) {
  const links = linksOf(example, join(root, FILE));
  if (links.length === 0) return ["links to no example"];
  return links.flatMap(({ file, anchor, to }) => {
    if (anchor === undefined) return [`has an example without a heading, ${file}`];
    const section = existsSync(to) && sectionsOf(readFileSync(to, "utf8")).get(anchor);
    if (!section) return [];
    if (!section.includes("\n```js\n")) return [`has no code to run at ${file}#${anchor}`];
    return isRun(relative(root, to), root) ? [] : [`has an example in ${file}, which no test runs`];
  });
}

/**
 * Whether a test runs the code of a document.
 * @param {string} path
 * @param {string} root
 */
function isRun(path, root) {
  const name = `"${path.split(sep).join("/")}"`;
  const tests = readdirSync(join(root, "tests")).filter((file) => file.endsWith(".test.ts"));
  return tests.some((file) => {
    const source = readFileSync(join(root, "tests", file), "utf8");
    return source.includes("runDocBlock(") && source.includes(name);
  });
}

/**
 * What is wrong with a row.
 * @param {Row} row
 * @param {string} root
 */
function judge({ here, tests, example, more }, root) {
  const wrong = /** @type {string[]} */ ([]);
  const named = Array.from(tests.matchAll(TEST));
  const rest = tests.replace(TEST, "").replaceAll("<br>", "").trim();
  const pending = here.startsWith("Not yet");
  if (pending && (named.length > 0 || rest !== "")) wrong.push("not there yet, but names tests");
  else if (!pending && rest !== "") wrong.push(`no \`tests/FILE\`: "TITLE": ${rest}`);
  else if (!pending && named.length === 0) wrong.push("names no test");
  if (!pending) wrong.push(...badExamples(example, root));
  if (!pending && !more.includes("](")) wrong.push("links to nothing more");
  for (const [, file, title] of named) {
    const path = join(root, file);
    if (!existsSync(path)) wrong.push(`there is no ${file}`);
    else if (!hasTitle(title, readFileSync(path, "utf8"))) {
      wrong.push(`${file} has no test "${title}"`);
    }
  }
  return { wrong, pending, tests: named.length };
}

/** @param {string} root */
function check(root) {
  const complaints = /** @type {string[]} */ ([]);
  const path = join(root, FILE);
  if (!existsSync(path)) return { complaints: [`there is no ${FILE}`], summary: "" };
  const text = readFileSync(path, "utf8");
  const rows = readRows(text, (message) => complaints.push(message));
  let [pending, tests] = [0, 0];
  for (const row of rows) {
    const found = judge(row, root);
    complaints.push(...found.wrong.map((what) => `${FILE}:${row.line}: "${row.feature}" ${what}`));
    pending += found.pending ? 1 : 0;
    tests += found.tests;
  }
  complaints.push(...brokenLinks(text, path).map((what) => `${FILE}: ${what}`));
  const summary = `${rows.length} features, ${pending} of them not yet; ${tests} tests named`;
  return { complaints, summary };
}

const { complaints, summary } = check(
  resolve(process.argv[2] ?? fileURLToPath(new URL("..", import.meta.url))),
);
for (const complaint of complaints) console.error(complaint);
if (complaints.length > 0) process.exitCode = 1;
else console.log(summary);
