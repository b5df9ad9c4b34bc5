import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { joinNats } from "../src/adapters/nats/index.ts";
import { exercise, expectedDigests } from "./collectives/exercise.ts";
import { connect } from "./nats/packages.ts";
import { binary, titled, withServer } from "./nats/server.ts";
import { docBlocks, runDocBlock } from "./reference/doc-blocks.ts";
import { inScratchFolder } from "./reference/scratch.ts";

const test = suite(titled("docs/nats.md"));
const served = binary === undefined ? test.skip : test;

const text = readFileSync(resolve("docs/nats.md"), "utf8");
const [block, ...others] = docBlocks(text);
const URL_SHOWN = "nats://127.0.0.1:4222";

test("there is one program in it, for the address of its configuration", () => {
  assert.equal(others, []);
  assert.ok(block.code.includes(URL_SHOWN) && text.includes('listen: "127.0.0.1:4222"'));
});

served("the program prints what it says", () =>
  withServer({}, async ({ url }) => {
    const code = block.code.replace(URL_SHOWN, url);
    assert.is(block.promised.length, block.calls);
    assert.equal(await runDocBlock({ ...block, code }, "nats"), block.promised);
  }),
);

served("the configuration is one", () =>
  inScratchFolder(async (folder) => {
    const [, shown] = /^```text\n(listen[\s\S]*?)^```$/m.exec(text) ?? [];
    const file = join(folder, "nats.conf");
    writeFileSync(file, shown);
    const { status, stderr } = spawnSync(binary as string, ["-c", file, "-t"], {
      encoding: "utf8",
    });
    assert.is(status, 0, stderr);
  }),
);

served("its permissions are what a rank needs", async () => {
  const [, shown] = /^```text\n(permissions[\s\S]*?)^```$/m.exec(text) ?? [];
  const ofRank = (rank: number) => shown.replaceAll(/(?<=[.])2(?=[."])/g, String(rank));
  const users = [0, 1, 2].map((rank) => `{ user: "r${rank}", password: "p", ${ofRank(rank)} }`);
  const more = `authorization { users: [\n${users.join("\n")}\n] }`;
  await withServer({ more }, async ({ url }) => {
    const run = async (rank: number) => {
      const connection = await connect({ servers: url, user: `r${rank}`, pass: "p" });
      const ranks = await joinNats(connection, { group: "detector-7", rank, size: 3 });
      const digest = await exercise(ranks, 1);
      await ranks.close();
      await connection.close();
      return digest;
    };
    assert.equal(await Promise.all([0, 1, 2].map(run)), expectedDigests(1, 3));
  });
});

test.run();
