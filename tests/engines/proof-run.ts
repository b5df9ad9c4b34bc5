import { proofLines } from "./proof-lines.ts";

// The program that scripts/proof.mjs runs in Node, Deno and Bun: STEPS THREADS KERNEL.

const [steps, threads, kernel] = process.argv.slice(2);
const request = { steps: Number(steps), threads: Number(threads) };
for (const line of await proofLines({ ...request, kernel: kernel as "simd" | "scalar" })) {
  console.log(line);
}
