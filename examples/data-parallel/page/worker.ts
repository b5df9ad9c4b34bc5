import { wsconnect } from "@nats-io/nats-core";
import { AshlarError } from "ashlar";
import { joinNats } from "ashlar/nats";
import { RankError } from "ashlar/sharded";
import { fetchCorpus } from "../../browser/engine/fetch-corpus.ts";
import { makeTask } from "../task.ts";
import { trainRank } from "../train-rank.ts";
import type { FromWorker } from "./messages.ts";
import type { Parameters } from "./parameters.ts";

// A rank in a page: the same as nats.ts in a process, over nats-server's websocket.

/** What this file uses of a worker's global scope; the page's types are the ones that are loaded. */
interface WorkerScope {
  readonly location: { readonly href: string };
  postMessage(message: FromWorker): void;
  addEventListener(
    type: "message",
    listener: (event: MessageEvent<Parameters>) => void,
    options: { once: true },
  ): void;
}

const scope = globalThis as unknown as WorkerScope;
let steps = 0;

async function run({ server, group, rank, ranks: size, timeout, ...plan }: Parameters) {
  // This file lies one folder below the page once it is built (assets/).
  const corpus = await fetchCorpus(new URL("../data/", scope.location.href), () => {});
  const task = makeTask(corpus);
  scope.postMessage({ type: "state", state: "waiting" });
  const connection = await wsconnect({ servers: server });
  try {
    const collective = await joinNats(connection, { group, rank, size, timeout });
    try {
      scope.postMessage({ type: "state", state: "training" });
      const outcome = await trainRank(collective, task, plan, (step, loss) => {
        steps = step;
        scope.postMessage({ type: "step", step, loss });
      });
      scope.postMessage({ type: "done", outcome });
    } finally {
      await collective.close();
    }
  } finally {
    await connection.close();
  }
}

scope.addEventListener(
  "message",
  ({ data }) => {
    run(data).catch((error: Error) => {
      const failure = {
        message: error.message,
        code: error instanceof AshlarError ? error.code : null,
        rank: error instanceof RankError ? error.rank : null,
        steps,
      };
      scope.postMessage({ type: "failed", failure });
    });
  },
  { once: true },
);
