import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { beRefused, drop, leftBy, live, liveThreaded, withFiles } from "./reference/leaks.ts";

// Few of each: tests/full/leaks.ts makes thousands, and looks at the resident memory too.

const test = suite("leaks");

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const CASES: Readonly<Record<string, [times: number, act: (i: number) => Promise<void>]>> = {
  "made, stepped and disposed of": [14, live],
  "refused constructors": [12, (i) => beRefused(i, false)],
  "dropped without a word": [14, drop],
  "on two threads": [2, liveThreaded],
  "refused after their workers started": [2, (i) => beRefused(i, true)],
  "saved and loaded": [1, () => withFiles(3)],
};

for (const [what, [times, act]] of Object.entries(CASES)) {
  test(`nothing is left: ${what}`, async () => {
    const { made, left, started, running, handles, files } = await leftBy(collect, async () => {
      for (let i = 0; i < times; i++) await act(i);
    });
    assert.ok(made > 0, `${made} memories made`);
    assert.is(left, 0, "memories");
    assert.is(started, /threads|workers/.test(what) ? 2 : 0);
    assert.is(running, 0, "workers");
    assert.equal(handles, []);
    assert.ok((files ?? 0) <= 0, `${files} files`);
  });
}

test.run();
