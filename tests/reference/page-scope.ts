import { parentPort } from "node:worker_threads";

// What a worker's global scope has in a browser, by what it has in Node.

type Listen = (event: { readonly data: unknown }) => void;

const port = parentPort;
Object.assign(globalThis, {
  postMessage: (message: unknown) => port?.postMessage(message),
  addEventListener: (type: string, listen: Listen) =>
    port?.on(type as "message", (data: unknown) => listen({ data })),
  close: () => port?.close(),
});
process.getBuiltinModule = undefined as never;
