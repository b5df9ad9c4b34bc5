import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamW } from "../src/index.ts";
import { assertCannotTell, FOLDER, put, savedFile, TOOL } from "./reference/bin-tool.ts";
import { continueRun, putLines, type RecordedRun, recordRun } from "./reference/ledger-runs.ts";

const test = suite("bin: compare, files");

await recordRun("a", { steps: 20 });

const linesOf = (name: string) => readFileSync(join(FOLDER, name), "utf8").trimEnd().split("\n");

test("what is no ledger, or a damaged one: exit code 2, and the line", async () => {
  const lines = linesOf("a");
  putLines("swapped", [...lines.slice(0, 5), lines[6], lines[5], ...lines.slice(7)]);
  putLines("no header", lines.slice(1));
  putLines("broken", [...lines.slice(0, 5), "{", ...lines.slice(5)]);
  putLines(
    "forged",
    lines.map((line, i) => (i === 7 ? line.replace(/"state":"./, '"state":"x') : line)),
  );
  put("empty", "");
  put("checkpoint", savedFile());
  for (const [file, message] of [
    [
      "swapped",
      /^ashlar compare: cannot read "swapped": line 6 of the ledger: expected step 5, got 6\n/,
    ],
    ["no header", /cannot read "no header": "ashlar" of line 1 of the ledger: expected "run"/],
    ["broken", /cannot read "broken": line 6 of the ledger: expected JSON/],
    ["forged", /cannot read "forged": "state" of line 8 of the ledger: expected 16 hex digits/],
    ["empty", /cannot read "empty": the ledger: expected a run ledger, got an empty file/],
    ["checkpoint", /cannot read "checkpoint": it is a safetensors file, .* ashlar diff compares/],
    ["none", /cannot read "none": ENOENT/],
    [".", /cannot read "\.": EISDIR/],
  ] as const) {
    await assertCannotTell("compare", file, message);
  }
});

if (process.platform !== "win32") {
  test("a ledger may come by a pipe, unless it takes steps back", async () => {
    const piped = (b: string) =>
      spawnSync("sh", ["-c", `cat ${b} | "${process.execPath}" "${TOOL}" compare a /dev/stdin`], {
        cwd: FOLDER,
        encoding: "utf8",
      });
    assert.is(piped("a").status, 0);
    const save: RecordedRun["after"] = async (optimizer, k) => {
      if (k === 9) await optimizer.save(join(FOLDER, "save"));
    };
    await recordRun("back", { steps: 12, close: false, after: save });
    const cut = piped("back");
    assert.is(cut.status, 2);
    assert.match(
      cut.stdout,
      /\nCannot tell: same as far as both go, 12 steps\. B was not closed\n$/,
    );
    const again = await AdamW.load(join(FOLDER, "save"));
    await continueRun("back", again, { steps: 10, append: true });
    again.dispose();
    const back = piped("back");
    assert.is(back.status, 2);
    assert.match(back.stderr, /it is a pipe, and line 14 takes back steps .* Give a file\n$/);
  });
}

test.run();
