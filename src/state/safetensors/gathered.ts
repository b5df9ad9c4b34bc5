import { allocate } from "../../errors.ts";

/** Bytes that arrive in pieces, and become one array. */
export class Gathered {
  readonly size: number;
  /** All of them, where it is known that so many exist. */
  readonly #whole: Uint8Array<ArrayBuffer> | null;
  /** Else what has arrived: a size that lies must not allocate. */
  readonly #pieces: Uint8Array<ArrayBuffer>[] = [];
  #arrived = 0;

  /** @param exist  whether the source is known to have so many bytes */
  constructor(size: number, exist: boolean) {
    this.size = size;
    this.#whole = exist ? bytesOf(size) : null;
  }

  /** Copies the next bytes. */
  add(bytes: Uint8Array): void {
    if (this.#whole) this.#whole.set(bytes, this.#arrived);
    else
      this.#pieces.push(allocate(bytes.length, "what a file holds", () => Uint8Array.from(bytes)));
    this.#arrived += bytes.length;
  }

  get arrived(): number {
    return this.#arrived;
  }

  /** What has arrived, in an array that fills its buffer if all did. */
  join(): Uint8Array<ArrayBuffer> {
    if (this.#whole) return this.#whole.subarray(0, this.#arrived);
    const bytes = bytesOf(this.#arrived);
    let at = 0;
    for (const piece of this.#pieces) {
      bytes.set(piece, at);
      at += piece.length;
    }
    return bytes;
  }
}

const bytesOf = (size: number) => allocate(size, "what a file holds", () => new Uint8Array(size));
