import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import * as layout from "../assembly/layout.ts";

// docs/abi.md is what assembly/layout.ts says, and the layout is sound.

const SCRIPT = resolve("scripts/abi-doc.mjs");

function run(...args: string[]) {
  const { status, stderr } = spawnSync(process.execPath, [SCRIPT, ...args], { encoding: "utf8" });
  return { status, stderr };
}

/** Checks a copy of the layout and of its document, each after an edit that must hit something. */
function checkEdited(
  file: "assembly/layout.ts" | "docs/abi.md",
  edit: (text: string) => string,
): { status: number | null; stderr: string } {
  const root = mkdtempSync(join(tmpdir(), "abi-doc-"));
  try {
    for (const folder of ["assembly", "docs"]) mkdirSync(join(root, folder));
    for (const path of ["assembly/layout.ts", "docs/abi.md"])
      cpSync(resolve(path), join(root, path));
    const text = readFileSync(join(root, file), "utf8");
    const edited = edit(text);
    assert.is.not(edited, text, "the edit changes nothing");
    writeFileSync(join(root, file), edited);
    return run("--check", root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** The constants of a family by name, in the order of their values. */
function family(prefix: string): [name: string, value: number][] {
  return Object.entries(layout)
    .filter(([name]) => name.startsWith(prefix))
    .sort(([, a], [, b]) => a - b);
}

const doc = suite("docs/abi.md");

doc("is what scripts/abi-doc.mjs writes", () => {
  assert.equal(run("--check"), { status: 0, stderr: "" });
});

doc("shows every constant of the layout with its value", () => {
  const text = readFileSync("docs/abi.md", "utf8");
  for (const [name, value] of Object.entries(layout)) {
    assert.match(text, `| \`${name}\` | ${value.toLocaleString("en-US")} |`);
  }
});

const FAILURES = [
  {
    when: "the document was edited",
    file: "docs/abi.md",
    edit: (text: string) => text.replace("agree on", "agreed on"),
    says: /docs\/abi\.md:5: differs from assembly\/layout\.ts; run node scripts\/abi-doc\.mjs/,
  },
  {
    when: "a value of the layout changed",
    file: "assembly/layout.ts",
    edit: (text: string) => text.replace(/(BLOCK_LENGTH = )\d+/, "$112"),
    says: /docs\/abi\.md:\d+: differs/,
  },
  {
    when: "a comment of the layout changed",
    file: "assembly/layout.ts",
    edit: (text: string) => text.replace("/** Version of", "/** The version of"),
    says: /docs\/abi\.md:\d+: differs/,
  },
  {
    when: "a field is not where the drawing shows it",
    file: "assembly/layout.ts",
    edit: (text: string) => text.replace("SEG_GRAD = 4;", "SEG_GRAD = 8;"),
    says: /layout\.ts:\d+: SEG_GRAD is 8, but the drawing says 4/,
  },
  {
    when: "the drawing ends elsewhere than the record",
    file: "assembly/layout.ts",
    edit: (text: string) => text.replace(/(SEG_BYTES = )\d+/, "$1112"),
    says: /SEG_BYTES is 112, but the drawing says \d+/,
  },
  {
    when: "a field is not in the drawing",
    file: "assembly/layout.ts",
    edit: (text: string) => text.replace(/^.*EXP_AVG {2,}address.*\n/m, ""),
    says: /SEG_EXP_AVG is 8, but the drawing does not show it/,
  },
  {
    when: "the drawing shows a field that does not exist",
    file: "assembly/layout.ts",
    edit: (text: string) => text.replace(/^export const SEG_MODEL = .*\n/m, ""),
    says: /the drawing shows MODEL, but there is no SEG_MODEL/,
  },
  {
    when: "the layout holds something else than integers",
    file: "assembly/layout.ts",
    edit: (text: string) => `${text}export const HALF = 0.5;\n`,
    says: /layout\.ts:\d+: no integer: 0\.5/,
  },
  {
    when: "the layout holds something else than constants",
    file: "assembly/layout.ts",
    edit: (text: string) => `import { a } from "./a";\n${text}`,
    says: /layout\.ts:1: no comment, no constant/,
  },
] as const;

for (const { when, file, edit, says } of FAILURES) {
  doc(`does not pass the check when ${when}`, () => {
    const { status, stderr } = checkEdited(file, edit);
    assert.match(stderr, says);
    assert.is(status, 1);
  });
}

doc.run();

const sound = suite("assembly/layout.ts");

sound("lays a segment's fields 4 bytes apart, from 0, without holes", () => {
  const fields = family("SEG_").filter(([name]) => name !== "SEG_BYTES");
  assert.ok(fields.length >= 19, `${fields.length} fields`);
  fields.forEach(([name, offset], index) => {
    assert.is(offset, 4 * index, name);
  });
});

sound("ends a segment record behind its last field, on a multiple of 16", () => {
  const fields = family("SEG_").filter(([name]) => name !== "SEG_BYTES");
  const end = (fields.at(-1)?.[1] ?? Number.NaN) + 4;
  assert.ok(
    end <= layout.SEG_BYTES && layout.SEG_BYTES < end + 16,
    `${end} of ${layout.SEG_BYTES}`,
  );
  assert.is(layout.SEG_BYTES % 16, 0);
});

sound("gives every flag one bit of its own", () => {
  const flags = family("FLAG_");
  assert.ok(flags.length >= 5, `${flags.length} flags`);
  flags.forEach(([name, bit], index) => {
    assert.is(bit, 2 ** index, name);
  });
});

sound("holds lengths that fit together", () => {
  assert.is(layout.BLOCK_LENGTH % layout.HALF_BLOCK_LENGTH, 0);
  assert.is(layout.BLOCK_LENGTH % 8, 0, "eight accumulators a block");
});

sound.run();
