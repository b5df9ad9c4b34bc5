import { runProgram } from "./run-program.ts";

// A worker of the page that runs a program in its place.

const results = await runProgram(new URLSearchParams(location.search).get("program") ?? "");
(self as unknown as { postMessage(message: unknown): void }).postMessage(results);
