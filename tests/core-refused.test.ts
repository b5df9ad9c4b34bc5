import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ABI_VERSION } from "../assembly/layout.ts";

// Cores that are not ours, and engines that compile none. What is compiled is kept for as long as a
// program runs, so that each case has a thread of its own.

const test = suite("core: refused");

const INDEX = new URL("../src/index.js", import.meta.url).href;
const KERNEL = new URL("../src/core/kernel.js", import.meta.url).href;

/** Runs it in a fresh thread, with ready and AdamW; what it returns, or the error's code and message. */
async function inThread(source: string): Promise<unknown> {
  const program = `
    const { parentPort } = require("node:worker_threads");
    (async () => {
      const { AdamW, coreInfo, ready } = await import(${JSON.stringify(INDEX)});
      const { instantiate } = await import(${JSON.stringify(KERNEL)});
      ${source}
    })().then(
      (result) => parentPort.postMessage(result),
      ({ code, message }) => parentPort.postMessage([code, message]),
    );`;
  const worker = new Worker(program, { eval: true });
  const [answer] = await once(worker, "message");
  await worker.terminate();
  return answer;
}

const section = (id: number, ...bytes: number[]) => [id, bytes.length, ...bytes];
const text = (name: string) => [name.length, ...Buffer.from(name)];

/** A module that imports env.memory and whose abiVersion() is 1 above ours. */
const OTHER_ABI = [
  ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...section(1, 1, 0x60, 0, 1, 0x7f),
  ...section(2, 1, ...text("env"), ...text("memory"), 2, 0, 1),
  ...section(3, 1, 0),
  ...section(7, 1, ...text("abiVersion"), 0, 0),
  ...section(10, 1, 4, 0, 0x41, ABI_VERSION + 1, 0x0b),
];

test("a module of another version of the core", async () => {
  const answer = await inThread(`
    const module = new WebAssembly.Module(Uint8Array.from(${JSON.stringify(OTHER_ABI)}));
    await ready({ module });
    instantiate(new WebAssembly.Memory({ initial: 1 }));`);
  const message = `"abiVersion" of the core: expected ${ABI_VERSION}, got ${ABI_VERSION + 1}`;
  assert.equal(answer, ["BAD_CORE", message]);
});

test("a module beside the scalar kernel, of which none is shipped", async () => {
  const answer = await inThread(`
    const module = new WebAssembly.Module(Uint8Array.from(${JSON.stringify(OTHER_ABI)}));
    await ready({ kernel: "scalar", module });`);
  const expected = "none, as it holds the kernel with SIMD, got one beside the scalar kernel";
  assert.equal(answer, ["BAD_CORE", `"module" of ready: expected ${expected}`]);
});

test("an engine that compiles nothing says why, and may be asked again", async () => {
  const answer = await inThread(`
    const { compile } = WebAssembly;
    WebAssembly.compile = () => Promise.reject(new Error("a policy forbids it"));
    const refusals = [];
    for (let i = 0; i < 2; i++) {
      await ready().catch(({ code, message }) => refusals.push([code, message]));
    }
    WebAssembly.compile = compile;
    await ready();
    return [...refusals, coreInfo().abi];`);
  const refusal = ["BAD_CORE", "the core: expected to compile, got: a policy forbids it"];
  assert.equal(answer, [refusal, refusal, ABI_VERSION]);
});

test("a constructor where the engine compiles nothing on the spot", async () => {
  const answer = await inThread(`
    WebAssembly.Module = function () { throw new RangeError("too large for this thread"); };
    new AdamW({ w: { shape: [1] } });`);
  assert.equal(answer, [
    "NOT_READY",
    "the core: expected to be compiled, got: too large for this thread. " +
      "Await ready() before new AdamW(...), or use await AdamW.create(...)",
  ]);
});

test.run();
