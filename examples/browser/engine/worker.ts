import type { Capabilities, FromWorker, ToWorker } from "../protocol.ts";
import { fetchCorpus } from "./fetch-corpus.ts";
import { Session } from "./session.ts";

/** What this file uses of a worker's global scope; the page's types are the ones that are loaded. */
interface WorkerScope {
  readonly crossOriginIsolated: boolean;
  readonly location: { readonly href: string };
  postMessage(message: FromWorker): void;
  addEventListener(type: "message", listener: (event: MessageEvent<ToWorker>) => void): void;
}

const scope = globalThis as unknown as WorkerScope;
const post = (message: FromWorker) => scope.postMessage(message);

/** ashlar's threads: "auto" takes no more than four. */
const MOST_THREADS = 4;

function capabilities(): Capabilities {
  const isolated = scope.crossOriginIsolated === true && typeof SharedArrayBuffer === "function";
  const cores = navigator.hardwareConcurrency ?? 1;
  return { isolated, cores, autoThreads: isolated ? Math.min(MOST_THREADS, cores) : 1 };
}

// A task of its own, so that messages that came before are handled first; a timer would wait 4 ms.
const channel = new MessageChannel();
const waiting: (() => void)[] = [];
channel.port1.onmessage = () => waiting.shift()?.();
function breathe(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    channel.port2.postMessage(null);
  });
}

async function open(): Promise<Session> {
  post({ type: "loading", what: "the model and its files", share: 0 });
  // This file lies one folder below the page, served from its sources (engine/) or built (assets/).
  const corpus = await fetchCorpus(new URL("../data/", scope.location.href), (share) =>
    post({ type: "loading", what: "the model and its files", share }),
  );
  return Session.open(corpus, { post, breathe, capabilities: capabilities() });
}

const session = open().catch((error: Error) => {
  post({ type: "error", message: error.message, doing: "loading" });
  return null;
});
// What comes before it is ready waits for it.
scope.addEventListener("message", async ({ data }) => (await session)?.receive(data));
