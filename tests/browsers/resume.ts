import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { AdamW } from "../../src/index.ts";
import { givenAgain, makeRun, runTicks, TICKS } from "../reference/checkpoint-run.ts";
import { fileURL } from "./files.ts";
import { type Found, type Result, resultOf } from "./result.ts";

const hash = (bytes: Uint8Array) => bytesToHex(sha256(bytes));

/** Loads what Node saved at a tick, and goes on to the end of the run. */
async function goOnFrom(tick: number): Promise<Found> {
  const optimizer = await AdamW.load(fileURL(`${tick}.safetensors`), givenAgain());
  runTicks(optimizer, tick, TICKS);
  const digest = optimizer.digest();
  optimizer.dispose();
  return { digest };
}

/** Checkpoints from Node go on here; and what is saved here is, byte for byte, what Node saves. */
export async function run(): Promise<Result[]> {
  const results: Result[] = [];
  const ticks: number[] = await (await fetch(fileURL("ticks.json"))).json();
  for (const tick of ticks) {
    results.push(await resultOf(`digest at the end, from tick ${tick}`, () => goOnFrom(tick)));
  }
  const straight = await makeRun();
  let at = 0;
  for (const tick of ticks) {
    const saved = async () => {
      runTicks(straight, at, tick);
      at = tick;
      return { digest: hash(await straight.toBytes()) };
    };
    results.push(await resultOf(`hash of the file saved at tick ${tick}`, saved));
  }
  straight.dispose();
  return results;
}
