import { writeSync } from "node:fs";
import type { Payload } from "./kills.ts";

// Saves versions FIRST, FIRST + 1, ... to PATH until it is killed, and prints the number of each once
// it has been saved: kill-child.js PAYLOAD PATH FIRST

const [payload = "", path = "", first = ""] = process.argv.slice(2);
const { saveVersion } = (await import(payload)) as Payload;
for (let n = Number(first); ; n++) {
  await saveVersion(path, n);
  // Not console.log: the line is in the pipe when this returns, whoever is killed then.
  writeSync(1, `${n}\n`);
}
