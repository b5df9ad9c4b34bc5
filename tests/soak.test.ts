import { suite } from "uvu";
import * as assert from "uvu/assert";
import { inScratchFolder } from "./reference/scratch.ts";
import { soak } from "./soak/run.ts";

// `npm run test:soak` makes a million steps of it, and ten thousand stops.

const test = suite("soak, in small");

for (const start of [0, 2 ** 24 - 200, 2 ** 31 - 200, 2 ** 32 - 200]) {
  test(`400 steps from step ${start} with 60 stops have the bits of plain loops`, async () => {
    await inScratchFolder(async (folder) => {
      const seen: number[] = [];
      const onProgress = (done: number) => seen.push(done);
      const soaked = await soak({ steps: 400, cycles: 60, start, seed: 24, folder, onProgress });
      assert.equal([soaked.cycles, soaked.files], [60, 1]);
      assert.equal([seen.length, seen.at(-1)], [60, 400]);
      const again = await soak({ steps: 400, cycles: 1, start, seed: 24, folder });
      assert.is(again.digest, soaked.digest);
      const other = await soak({ steps: 400, cycles: 1, start, seed: 25, folder });
      assert.is.not(other.digest, soaked.digest);
    });
  });
}

test.run();
