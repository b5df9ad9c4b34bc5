import { wsconnect } from "@nats-io/nats-core";
import { joinNats } from "../../../src/adapters/nats/index.ts";
import type { Job, Report } from "../task.ts";
import { doTask, type Surroundings } from "../train.ts";

// A rank over NATS in a page. Reports and checkpoints are given to the page's own server.

interface WorkerScope {
  readonly location: { readonly href: string };
  addEventListener(type: "message", listener: (event: MessageEvent<string>) => void): void;
}

const scope = globalThis as unknown as WorkerScope;
// This file lies one folder below the page once it is built.
const put = (path: string, body: BodyInit) =>
  fetch(new URL(`../${path}`, scope.location.href), { method: "POST", body });

/** A stream whose bytes are given to the server when it is closed. */
function upload(path: string): WritableStream<Uint8Array> {
  const chunks: BlobPart[] = [];
  return new WritableStream({
    write: (chunk) => void chunks.push(chunk.slice()),
    close: async () => void (await put(path, new Blob(chunks))),
  });
}

async function run(search: string): Promise<void> {
  const given = new URLSearchParams(search);
  const text = (name: string) => given.get(name) ?? "";
  const { tasks, timeout } = JSON.parse(text("job")) as Job;
  const connection = await wsconnect({ servers: text("server") });
  const [rank, size] = [Number(text("rank")), Number(text("size"))];
  const collective = await joinNats(connection, { group: text("group"), rank, size, timeout });
  const around: Surroundings = {
    source: () => (name) => fetch(new URL(`../files/${name}`, scope.location.href)),
    target: () => (name) => upload(`files/${name}`),
    die: async () => {
      await put("killed", "");
      return new Promise(() => {});
    },
    wire: () => connection.stats().outBytes,
  };
  const reports: Report[] = [];
  for (const task of tasks) {
    reports.push(await doTask(collective, task, around));
    if (reports.at(-1)?.kind === "lost") break;
  }
  await put("reports", JSON.stringify(reports));
  await collective.close();
  await connection.close();
}

scope.addEventListener("message", ({ data }) => void run(data));
