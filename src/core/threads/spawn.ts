import type { WorkerAnswer, WorkerStart } from "./worker-messages.ts";

/** A worker, of whichever kind the engine has. */
export interface Spawned {
  /**
   * Sends what it needs and calls back with its answers: one when it begins, and `failed` whenever it
   * is heard to have ended.
   */
  start(start: WorkerStart, onAnswer: (answer: WorkerAnswer) => void): void;
  terminate(): void;
}

/** As much of node:worker_threads as is used here. */
interface NodeWorker {
  on(event: "message", listen: (answer: WorkerAnswer) => void): void;
  on(event: "error", listen: (error: Error) => void): void;
  on(event: "exit", listen: (code: number) => void): void;
  postMessage(start: WorkerStart): void;
  terminate(): Promise<number>;
  unref(): void;
}

interface NodeProcess {
  getBuiltinModule?(
    name: "node:worker_threads",
  ): { Worker: new (url: URL, options: object) => NodeWorker } | undefined;
}

/**
 * Starts the worker file, which lies beside this one: a real file, as content security policies
 * refuse workers from blobs.
 */
export function spawnWorker(): Spawned {
  // Node, Deno and Bun have it, and there a worker can be told not to keep the process alive.
  const { process } = globalThis as { process?: NodeProcess };
  const threads = process?.getBuiltinModule?.("node:worker_threads");
  return threads ? spawnNodeWorker(threads.Worker) : spawnWebWorker();
}

function spawnNodeWorker(NodeWorker: new (url: URL, options: object) => NodeWorker): Spawned {
  // A worker must not inherit the flags of a test runner or a loader.
  const worker = new NodeWorker(new URL("./worker.js", import.meta.url), { execArgv: [] });
  return {
    start(start, onAnswer) {
      const answered = (answer: WorkerAnswer) => {
        // Whoever awaits the answer needs the process alive until then. Listening keeps it alive too,
        // so that this comes after it.
        worker.unref();
        onAnswer(answer);
      };
      worker.on("message", answered);
      worker.on("error", (error) => answered({ failed: error.message }));
      worker.on("exit", (code) => answered({ failed: `its thread ended with code ${code}` }));
      worker.postMessage(start);
    },
    terminate: () => void worker.terminate(),
  };
}

function spawnWebWorker(): Spawned {
  // Bundlers look for exactly this expression.
  const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  return {
    start(start, onAnswer) {
      worker.onmessage = ({ data }: MessageEvent<WorkerAnswer>) => onAnswer(data);
      worker.onerror = (event) => {
        onAnswer({ failed: event.message || "its file did not load" });
      };
      worker.postMessage(start);
    },
    terminate: () => worker.terminate(),
  };
}
