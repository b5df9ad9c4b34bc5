import { allocate } from "../../errors.ts";
import type { ByteSink } from "../bytes.ts";
import { copyOf } from "./copy-of.ts";

/** Collects bytes in an array. */
export class BytesSink implements ByteSink {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #length = 0;
  #isWhole = false;

  /** So that they are never copied again. */
  expect(bytes: number): void {
    if (bytes > this.#bytes.length) this.#resize(bytes);
  }

  async write(bytes: Uint8Array): Promise<void> {
    const length = this.#length + bytes.length;
    if (length > this.#bytes.length) {
      this.#resize(Math.max(length, 2 * this.#bytes.length));
    }
    this.#bytes.set(bytes, this.#length);
    this.#length = length;
  }

  async close(): Promise<void> {
    if (this.#length < this.#bytes.length) this.#resize(this.#length);
    this.#isWhole = true;
  }

  async abort(_cause: unknown): Promise<void> {
    this.#bytes = new Uint8Array(0);
    this.#length = 0;
  }

  /** All that was written, in a buffer of its own, once it is closed. */
  get bytes(): Uint8Array<ArrayBuffer> {
    if (!this.#isWhole) throw notWhole("bytes");
    return this.#bytes;
  }

  #resize(length: number): void {
    const old = this.#bytes.subarray(0, this.#length);
    this.#bytes = allocate(length, "the bytes of a file", () => new Uint8Array(length));
    this.#bytes.set(old);
  }
}

/** Collects bytes as parts of a Blob, which a browser may keep on its disk. */
export class BlobSink implements ByteSink {
  readonly #type: string;
  #parts: Blob[] = [];
  #blob: Blob | null = null;

  constructor(type = "application/octet-stream") {
    this.#type = type;
  }

  async write(bytes: Uint8Array): Promise<void> {
    // A Blob takes no shared memory, and copies what it takes.
    const own = bytes.buffer instanceof ArrayBuffer ? (bytes as Uint8Array<ArrayBuffer>) : null;
    const part = own ?? copyOf(bytes);
    this.#parts.push(allocate(part.length, "the bytes of a file", () => new Blob([part])));
  }

  async close(): Promise<void> {
    this.#blob = new Blob(this.#parts, { type: this.#type });
    this.#parts = [];
  }

  async abort(_cause: unknown): Promise<void> {
    this.#parts = [];
  }

  /** All that was written, once it is closed. */
  get blob(): Blob {
    if (!this.#blob) throw notWhole("blob");
    return this.#blob;
  }
}

const notWhole = (what: string) => new Error(`"${what}" of a sink that has not been closed`);
