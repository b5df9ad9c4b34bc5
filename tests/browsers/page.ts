import { type Result, textOf } from "./result.ts";
import { runProgram } from "./run-program.ts";

// The page of scripts/browsers.mjs: /page.html?program=NAME&where=page or worker&isolated=true or
// false. Posts the program's results.

const query = new URLSearchParams(location.search);
const program = query.get("program") ?? "";

/** Below /resolved/, as a worker has no import map. */
function runInWorker(): Promise<Result[]> {
  return new Promise((resolve, reject) => {
    const url = `/resolved/tests/browsers/worker.js${location.search}`;
    const worker = new Worker(url, { type: "module" });
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message || "the worker did not load"));
  });
}

async function results(): Promise<Result[]> {
  try {
    if (String(crossOriginIsolated) !== query.get("isolated")) {
      throw new Error(`crossOriginIsolated is ${crossOriginIsolated}`);
    }
    return await (query.get("where") === "worker" ? runInWorker() : runProgram(program));
  } catch (error) {
    return [{ name: "the page", ok: false, detail: textOf(error) }];
  }
}

const body = JSON.stringify(await results());
await fetch("/report", { method: "POST", body });
