import { joinLocal, type LocalRank, localRanks } from "../../src/sharded/index.ts";
import { type CourseDigests, RANKS, takeCourse } from "./sharded-course.ts";
import type { RankAnswer, RankStart } from "./sharded-rank.ts";

/** A rank in a worker. */
export interface RankThread {
  /** Its next answer. */
  answer(): Promise<RankAnswer>;
  terminate(): unknown;
}

/** As much of either kind of worker as is used here. */
interface AnyWorker {
  postMessage(start: RankStart, ports: never[]): void;
  terminate(): unknown;
}
interface NodeWorker extends AnyWorker {
  on(event: "message", listen: (answer: RankAnswer) => void): void;
  on(event: "error", listen: (error: Error) => void): void;
}
interface NodeProcess {
  getBuiltinModule?(
    name: "node:worker_threads",
  ): { Worker: new (url: URL, options: object) => NodeWorker } | undefined;
}

/** Below /resolved/ where a server of ours has it: a Web Worker has no import map. */
const fileURL = () =>
  new URL(import.meta.url.replace(/^(https?:\/\/[^/]*)\/built\/.*/, "$1/resolved/tests/engines/x"));

/** Starts a worker and has it join. */
export function startRank(handle: LocalRank, stopsIn: number | null): RankThread {
  const answers: RankAnswer[] = [];
  const waiting: { resolve(answer: RankAnswer): void; reject(error: Error): void }[] = [];
  let failure: Error | undefined;
  const answered = (answer: RankAnswer) => {
    const first = waiting.shift();
    if (first) first.resolve(answer);
    else answers.push(answer);
  };
  const failed = (error: Error) => {
    failure = error;
    for (const { reject } of waiting.splice(0)) reject(error);
  };
  const worker = start(new URL("./sharded-rank.js", fileURL()), answered, failed);
  worker.postMessage({ handle, stopsIn }, handle.ports);
  return {
    answer: () =>
      new Promise((resolve, reject) => {
        const first = answers.shift();
        if (first) resolve(first);
        else if (failure) reject(failure);
        else waiting.push({ resolve, reject });
      }),
    terminate: () => worker.terminate(),
  };
}

function start(
  url: URL,
  answered: (answer: RankAnswer) => void,
  failed: (error: Error) => void,
): AnyWorker {
  const { process } = globalThis as { process?: NodeProcess };
  const threads = process?.getBuiltinModule?.("node:worker_threads");
  if (threads) {
    const worker = new threads.Worker(url, { execArgv: [] });
    worker.on("message", answered);
    worker.on("error", failed);
    return worker;
  }
  const worker = new Worker(url, { type: "module" });
  worker.onmessage = ({ data }: MessageEvent<RankAnswer>) => answered(data);
  worker.onerror = ({ message }) => failed(new Error(message || "the worker did not load"));
  return worker;
}

/** The course with this thread as rank 0 and workers as the others: what each of them came to. */
export async function takeCourseInThreads(): Promise<CourseDigests[]> {
  const [own, ...others] = localRanks(RANKS, { timeout: 60_000 });
  const threads = others.map((handle) => startRank(handle, null));
  const collective = await joinLocal(own);
  try {
    const theirs = threads.map((thread) => thread.answer() as Promise<CourseDigests>);
    return await Promise.all([takeCourse(collective), ...theirs]);
  } finally {
    await collective.close();
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
}

/** Its two digests, as [what, digest], where all ranks have the same. */
export async function shardedDigests(): Promise<[string, string][]> {
  const [first, ...others] = await takeCourseInThreads();
  for (const [i, other] of others.entries()) {
    if (JSON.stringify(other) === JSON.stringify(first)) continue;
    throw new Error(
      `rank ${i + 1}: expected ${JSON.stringify(first)}, got ${JSON.stringify(other)}`,
    );
  }
  return [
    ["ShardedAdamW on three ranks, state", first.state],
    ["ShardedAdamW on three ranks, weights", first.weights],
  ];
}
