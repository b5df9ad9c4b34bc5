import { spawnSync } from "node:child_process";
import { suite } from "uvu";
import * as assert from "uvu/assert";

// A process stays alive for calls under way, and for nothing else of a collective. Each case is a
// process of its own, which must end by itself.

const test = suite("collectives-local-process");

const INDEX = JSON.stringify(new URL("../src/collectives/index.js", import.meta.url).href);

function run(code: string): string[] {
  const program = `
    const { joinLocal, localRanks, soloCollective } = await import(${INDEX});
    ${code}
  `;
  const argv = ["--input-type=module", "--eval", program];
  const { stdout, stderr, status, signal } = spawnSync(process.execPath, argv, {
    encoding: "utf8",
    timeout: 60_000,
  });
  assert.is(status, 0, `${signal} ${stdout} ${stderr}`);
  return stdout.trim().split("\n");
}

test("a process whose ranks have nothing to do ends without close()", () => {
  const lines = run(`
    const ranks = await Promise.all(localRanks(3).map(joinLocal));
    await Promise.all(ranks.map((each) => each.barrier()));
    await soloCollective().barrier();
    console.log("done");
  `);
  assert.equal(lines, ["done"]);
});

test("a process with a call under way waits for its end", () => {
  const lines = run(`
    const [own, other] = localRanks(2, { timeout: 1000 });
    const ranks = await joinLocal(own);
    try { await ranks.barrier(); } catch (error) { console.log(error.message); }
    try { await ranks.barrier(); } catch (error) { console.log(error.code, error.rank); }
  `);
  assert.equal(lines, ["rank 1: expected messages, got none for 1000 ms", "RANK_LOST 1"]);
});

test("a worker ends with its program, and its last call still reaches the others", () => {
  const lines = run(`
    const { Worker } = await import("node:worker_threads");
    const [own, other] = localRanks(2);
    const program = \`
      import { workerData } from "node:worker_threads";
      import { joinLocal } from \${${JSON.stringify(INDEX)}};
      const ranks = await joinLocal(workerData);
      await ranks.allGather([new Uint8Array(1), Uint8Array.of(7)]);
    \`;
    const url = new URL("data:text/javascript," + encodeURIComponent(program));
    const worker = new Worker(url, { workerData: other, transferList: other.ports });
    const ranks = await joinLocal(own);
    const parts = [Uint8Array.of(1), new Uint8Array(1)];
    const call = ranks.allGather(parts);
    const ended = new Promise((resolve) => worker.on("exit", resolve));
    await call;
    console.log(await ended, ...parts[1]);
  `);
  assert.equal(lines, ["0 7"]);
});

test.run();
