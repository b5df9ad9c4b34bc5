import type { FromWorker, ToWorker } from "../protocol.ts";

type Message<K extends FromWorker["type"]> = Extract<FromWorker, { type: K }>;
type Handler = (message: FromWorker) => void;

/** The page's end of the worker: typed messages out, typed handlers in. */
export class Engine {
  readonly #worker = new Worker(new URL("../engine/worker.ts", import.meta.url), {
    type: "module",
  });
  #ready = false;
  readonly #handlers = new Map<string, Handler[]>();

  constructor() {
    this.#worker.addEventListener("message", ({ data }: MessageEvent<FromWorker>) =>
      this.#tell(data),
    );
    // A worker whose script can't be had or throws while loading says so here and nowhere else.
    this.#worker.addEventListener("error", (event) => {
      const message = event.message || "its script could not be loaded";
      this.#tell({
        type: "error",
        message: `The worker stopped: ${message}. Reload the page.`,
        doing: this.#ready ? "training" : "loading",
      });
    });
  }

  /** Handlers of one message are called in the order in which they came. */
  on<K extends FromWorker["type"]>(type: K, handler: (message: Message<K>) => void): void {
    const list = this.#handlers.get(type) ?? [];
    list.push(handler as Handler);
    this.#handlers.set(type, list);
  }

  send(message: ToWorker, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  #tell(message: FromWorker): void {
    this.#ready ||= message.type === "ready";
    for (const handler of this.#handlers.get(message.type) ?? []) handler(message);
  }
}
