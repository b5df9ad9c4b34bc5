import type { Link, Receiver } from "../messages/link.ts";

/** Bytes of a message: few enough that a sum begins while the rest is on its way. */
const LARGEST = 1 << 20;

/** As much of a MessagePort as is used here; ref and unref where the engine has them. */
interface Port {
  addEventListener(type: "message", listen: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: "close", listen: () => void): void;
  start(): void;
  postMessage(message: unknown, transfer: Transferable[]): void;
  close(): void;
  ref?(): void;
  unref?(): void;
}

/** A port to each other rank: messages are handed over, not copied. */
export class LocalLink implements Link {
  readonly rank: number;
  readonly size: number;
  readonly largest = LARGEST;
  /** By rank; none for this one. */
  readonly #ports: ReadonlyMap<number, Port>;

  /** @param ports to the others, in the order of their ranks */
  constructor(rank: number, ports: readonly MessagePort[]) {
    this.rank = rank;
    this.size = ports.length + 1;
    this.#ports = new Map(ports.map((port, i) => [i < rank ? i : i + 1, port as Port]));
  }

  open(receiver: Receiver): void {
    for (const [from, port] of this.#ports) {
      port.addEventListener("message", ({ data }) => {
        receiver.message(from, new Uint8Array(data as ArrayBuffer));
      });
      // Of Node, where a worker's ports close when it ends; others leave it to the timeout.
      port.addEventListener("close", () => receiver.lost(from, "its thread has ended"));
      port.start();
    }
    this.hold(false);
  }

  send(to: number | null, { buffer }: Uint8Array): void {
    const ports = to === null ? [...this.#ports.values()] : [this.#ports.get(to) as Port];
    const last = ports.length - 1;
    // The last takes the buffer itself, the others a copy.
    ports.forEach((port, i) => {
      port.postMessage(buffer, i === last ? [buffer as ArrayBuffer] : []);
    });
  }

  /** A rank that waits keeps its process alive; one that does not, may end it. */
  hold(waiting: boolean): void {
    for (const port of this.#ports.values()) {
      if (waiting) port.ref?.();
      else port.unref?.();
    }
  }

  async close(): Promise<void> {
    for (const port of this.#ports.values()) port.close();
  }
}
