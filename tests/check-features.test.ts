import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";

// scripts/check-features.mjs on this project, and on tables in which something is wrong.

const SCRIPT = resolve("scripts/check-features.mjs");

function check(root?: string) {
  const argv = root === undefined ? [SCRIPT] : [SCRIPT, root];
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, { encoding: "utf8" });
  return { status, stdout: stdout.trim(), complaints: stderr.split("\n").filter(Boolean) };
}

/** Writes the files to a new folder, checks it, deletes it. */
function checkTree(files: Record<string, string>) {
  const root = mkdtempSync(join(tmpdir(), "check-features-"));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  try {
    return check(root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

const HEAD =
  "# Features\n\n| feature | in | here | tests | example | more |\n|---|---|---|---|---|---|\n";
const EXAMPLE = "[recipe](run.md#a-recipe)";
const MORE = "[more](more.md#the-heading-of-it)";
const FIRST_ROW = 5;

const TESTS = `import { suite } from "uvu";
const test = suite("a");
const other = suite("b", {});
test("one", () => {});
other("it's two", () => {});
test(\`no expression\`, () => {});
for (const [why, n] of [["zero", 0]]) {
  test(\`refused: \${why ? \`\${why}!\` : ""} and \${n} more\`, () => {});
  test(\`\${why}\`, () => {});
}
test.skip("skipped", () => {});
// test("a comment", () => {});
const text = 'test("a string", ...)';
unrelated("unrelated", () => {});
test.run();
`;
const FENCE = "```";
const CODE = `${FENCE}js\nconsole.log(1); // 1\n${FENCE}\n`;
const TEXT = `${FENCE}python\n# No heading\nprint(1)\n${FENCE}\n`;
const FILES = {
  "tests/a.test.ts": TESTS,
  "tests/docs.test.ts": `import "x"; runDocBlock(read("docs/run.md"), "docs/text.md.old");`,
  "tests/names.test.ts": `read("docs/more.md");`,
  "docs/more.md": `# More\n\n## The heading, of it\n\n${CODE}`,
  "docs/run.md": `# Run\n\n${CODE}\n## A recipe\n\n${TEXT}\n${CODE}\n## Only text\n\n${TEXT}`,
  "docs/text.md": `# Text\n\n${CODE}`,
};

const row = (feature: string, here: string, tests: string, more = MORE, example = EXAMPLE) =>
  `| ${feature} | PW | ${here} | ${tests} | ${example} | ${more} |\n`;
const withExample = (example: string) => row("x", "y", named("one"), MORE, example);
const named = (...titles: string[]) =>
  titles.map((title) => `\`tests/a.test.ts\`: "${title}"`).join("<br>");

const test = suite("check-features");

test("finds nothing wrong with this project, whose table has every feature", () => {
  const { status, stdout, complaints } = check();
  assert.equal(complaints, []);
  assert.is(status, 0);
  const [, features, pending, tests] =
    /^(\d+) features, (\d+) of them not yet; (\d+) tests named$/.exec(stdout)?.map(Number) ?? [];
  assert.ok(features >= 33, `${features} features`);
  assert.ok(pending <= 3, `${pending} not yet`);
  assert.ok(tests >= 65, `${tests} tests`);
});

test("finds nothing wrong with a good table", () => {
  const rows = [
    row("words", "yes", named("one", "it's two", "no expression")),
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a title as its source has it
    row("a template, as written", "yes", named("refused: ${why} and ${n} more")),
    row("a template, with words of the file", "yes", named("refused: zero and 0 more")),
    row("an example at the top of a document", "yes", named("one"), MORE, "[a](run.md#run)"),
    row("later", "Not yet: too early", "", "", ""),
  ];
  const { status, stdout, complaints } = checkTree({
    ...FILES,
    "docs/features.md": HEAD + rows.join(""),
  });
  assert.equal(complaints, []);
  assert.is(stdout, "5 features, 1 of them not yet; 6 tests named");
  assert.is(status, 0);
});

const BAD: readonly [why: string, row: string, complaint: string][] = [
  ["no such title", row("x", "y", named("on")), 'tests/a.test.ts has no test "on"'],
  ["one of two titles", row("x", "y", named("one", "o")), 'tests/a.test.ts has no test "o"'],
  ["a skipped test", row("x", "y", named("skipped")), 'tests/a.test.ts has no test "skipped"'],
  ["a comment", row("x", "y", named("a comment")), 'tests/a.test.ts has no test "a comment"'],
  ["a string", row("x", "y", named("a string")), 'tests/a.test.ts has no test "a string"'],
  ["another call", row("x", "y", named("unrelated")), 'tests/a.test.ts has no test "unrelated"'],
  [
    "a title that is nothing but an expression",
    row("x", "y", named("zero")),
    'tests/a.test.ts has no test "zero"',
  ],
  [
    "words that the file lacks",
    row("x", "y", named("refused: one thing and 2 more")),
    'tests/a.test.ts has no test "refused: one thing and 2 more"',
  ],
  ["no such file", row("x", "y", '`tests/b.test.ts`: "one"'), "there is no tests/b.test.ts"],
  ["no test", row("x", "y", ""), "names no test"],
  [
    "another form",
    row("x", "y", "tests/a.test.ts one"),
    'no `tests/FILE`: "TITLE": tests/a.test.ts one',
  ],
  [
    "a test of what is not there",
    row("x", "Not yet", named("one")),
    "not there yet, but names tests",
  ],
  ["no link", row("x", "y", named("one"), "more.md"), "links to nothing more"],
  ["no example", withExample(""), "links to no example"],
  ["an example that is no link", withExample("run.md#a-recipe"), "links to no example"],
  ["an example elsewhere", withExample("[a](https://a.org/#a)"), "links to no example"],
  ["a whole document", withExample("[a](run.md)"), "has an example without a heading, run.md"],
  ["a folder", withExample("[a](../tests)"), "has an example without a heading, ../tests"],
  [
    "a heading without code of ours under it",
    withExample("[a](run.md#only-text)"),
    "has no code to run at run.md#only-text",
  ],
  [
    "one of two examples",
    withExample(`${EXAMPLE}, [b](run.md#only-text)`),
    "has no code to run at run.md#only-text",
  ],
  [
    "code that no test runs",
    withExample("[a](more.md#the-heading-of-it)"),
    "has an example in more.md, which no test runs",
  ],
  [
    "code of a document whose name is only the beginning of one that is run",
    withExample("[a](text.md#text)"),
    "has an example in text.md, which no test runs",
  ],
];

for (const [why, line, complaint] of BAD) {
  test(`refuses ${why}`, () => {
    const good = row("good", "yes", named("one"));
    const found = checkTree({ ...FILES, "docs/features.md": HEAD + good + line + good });
    assert.equal(found.complaints, [`docs/features.md:${FIRST_ROW + 1}: "x" ${complaint}`]);
    assert.is(found.status, 1);
    assert.is(found.stdout, "");
  });
}

test("refuses links that lead nowhere, a row of another width, and no table", () => {
  const complaintsOf = (text: string) =>
    checkTree({ ...FILES, "docs/features.md": text }).complaints;
  const good = HEAD + row("x", "y", named("one"));
  assert.equal(complaintsOf(`${good}\n[a](gone.md) [b](more.md#gone) [c](#gone)\n`), [
    "docs/features.md: the link to gone.md leads nowhere",
    "docs/features.md: more.md has no heading #gone",
    "docs/features.md: this file has no heading #gone",
  ]);
  const example = withExample("[a](gone.md#a) [b](run.md#gone) [c](run.md#no-heading)");
  assert.equal(complaintsOf(HEAD + example), [
    "docs/features.md: the link to gone.md leads nowhere",
    "docs/features.md: run.md has no heading #gone",
    "docs/features.md: run.md has no heading #no-heading",
  ]);
  assert.equal(complaintsOf(`${good}| x | y |\n`), [
    `docs/features.md:${FIRST_ROW + 1}: expected 6 cells, got 2`,
  ]);
  assert.equal(complaintsOf("# Features\n"), [
    "docs/features.md: no table | feature | in | here | tests | example | more |",
  ]);
  assert.equal(checkTree(FILES).complaints, ["there is no docs/features.md"]);
});

test.run();
