import { AshlarError, RankError } from "../../errors.ts";
import { isSameCall, showCall } from "./call.ts";
import { Exchange, type Plan } from "./exchange.ts";
import { type Frame, type Piece, readFrame, writeFrame } from "./frame.ts";
import type { Link } from "./link.ts";
import { Liveness } from "./liveness.ts";
import { Outbox } from "./outbox.ts";

/** Characters of a message that goes to the others: it fits the smallest frame. */
const TEXT = 300;

/**
 * Carries out calls over a link: gives each what comes for it, and ends all of them, on all ranks, with
 * the same error where a rank is lost or at another call.
 */
export class Messenger {
  readonly #link: Link;
  readonly #timeout: number;
  readonly #outbox: Outbox;
  readonly #liveness: Liveness;
  /** By number, those that this rank has made and that are not done. */
  readonly #calls = new Map<number, Exchange>();
  /** Pieces of calls that this rank has not made yet. */
  readonly #early = new Map<number, (readonly [from: number, piece: Piece])[]>();
  /** Ranks of which nothing more will come, and why. */
  readonly #gone = new Map<number, string>();
  #made = 0;
  #error: AshlarError | undefined;
  #closed: Promise<void> | undefined;

  constructor(link: Link, timeout: number) {
    this.#link = link;
    this.#timeout = timeout;
    this.#outbox = new Outbox(link, {
      sent: () => this.#liveness.heard(link.rank),
      failed: (cause) => this.#unable(cause),
    });
    this.#liveness = new Liveness(timeout, {
      size: link.size,
      waitsFor: (rank) => this.#waitsFor(rank),
      signOfLife: () => this.#say({ what: "alive", timeout }),
      lost: (rank) => this.#lose(rank, `expected messages, got none for ${timeout} ms`),
    });
    link.open({
      message: (from, bytes) => this.#receive(from, bytes),
      lost: (rank, why) => {
        if (rank === null) this.#lose(rank, why);
        else this.#miss(rank, why);
      },
    });
  }

  /** Makes a call. Resolves once all has come, and all that this rank gives is on its way. */
  async call(plan: Plan): Promise<void> {
    if (this.#error) throw this.#error;
    const number = this.#made++;
    const exchange = new Exchange(plan, this.#link.rank, this.#link.size);
    this.#calls.set(number, exchange);
    this.#link.hold?.(true);
    this.#outbox.send(number, plan.call, plan.gift, () => exchange.sent());
    for (const [from, piece] of this.#early.get(number) ?? []) this.#take(exchange, from, piece);
    this.#early.delete(number);
    for (const [rank, why] of this.#gone) this.#miss(rank, why);
    await exchange.done;
    this.#calls.delete(number);
    if (this.#calls.size === 0) this.#link.hold?.(false);
  }

  close(): Promise<void> {
    this.#closed ??= this.#leave();
    return this.#closed;
  }

  #leave(): Promise<void> {
    this.#say({ what: "bye" });
    this.#end(new AshlarError("DISPOSED", "a collective: expected to be open, got a closed one"));
    return this.#link.close();
  }

  /** Of this rank itself: for the link to take what it sends. */
  #waitsFor(rank: number): boolean {
    if (rank === this.#link.rank) return this.#outbox.isSending;
    for (const exchange of this.#calls.values()) if (exchange.waitsFor(rank)) return true;
    return false;
  }

  #receive(from: number, bytes: Uint8Array): void {
    if (this.#error) return;
    this.#liveness.heard(from);
    const frame = readFrame(bytes);
    switch (frame?.what) {
      case "piece":
        this.#receivePiece(from, frame);
        break;
      case "alive":
        if (frame.timeout !== this.#timeout) {
          this.#differ(from, "timeout", `${this.#timeout} ms`, `${frame.timeout} ms`);
        }
        break;
      case "bye":
        this.#miss(from, "expected to take part in a call, got its goodbye");
        break;
      case "failure":
        // And so on: who told this rank may not have told all, and what comes of it blames others.
        this.#tell(frame.code, frame.rank, frame.text);
        break;
      default:
        this.#fail("RANKS_DIFFER", from, "expected messages of this version, got another");
    }
  }

  #receivePiece(from: number, piece: Piece): void {
    const { number } = piece;
    const exchange = this.#calls.get(number);
    const kept = this.#early.get(number);
    if (exchange) this.#take(exchange, from, piece);
    else if (kept) kept.push([from, piece]);
    else if (number >= this.#made) this.#early.set(number, [[from, piece]]);
    else this.#fail("RANKS_DIFFER", from, `expected call ${this.#made}, got ${number} again`);
  }

  #take(exchange: Exchange, from: number, piece: Piece): void {
    const { number, call } = piece;
    if (!isSameCall(exchange.call, call)) {
      this.#differ(from, `call ${number}`, showCall(exchange.call), showCall(call));
    } else if (!this.#place(exchange, from, piece)) {
      this.#fail("RANKS_DIFFER", from, `expected the next bytes of call ${number}, got others`);
    }
  }

  #place(exchange: Exchange, from: number, piece: Piece): boolean {
    try {
      return exchange.take(from, piece);
    } catch (cause) {
      this.#unable(cause as Error);
      return true;
    }
  }

  /**
   * A rank does not do what this one does. Rank 0 is taken to be right, hears of everybody, and tells
   * the others: so all find the same rank at fault.
   */
  #differ(from: number, what: string, expected: string, got: string): void {
    if (this.#link.rank !== 0) return;
    this.#fail("RANKS_DIFFER", from, `${what}: expected ${expected}, as on rank 0, got ${got}`);
  }

  /** Nothing more comes of a rank: what it has given counts, and calls that wait for more have lost it. */
  #miss(rank: number, why: string): void {
    this.#gone.set(rank, this.#gone.get(rank) ?? why);
    if (this.#waitsFor(rank)) this.#lose(rank, why);
  }

  #lose(rank: number | null, why: string): void {
    this.#fail("RANK_LOST", rank, why);
  }

  /** This rank can't do its part. */
  #unable(cause: Error): void {
    this.#lose(this.#link.rank, cause.message);
  }

  #fail(code: RankError["code"], rank: number | null, why: string): void {
    this.#tell(code, rank, `${rank === null ? "the ranks" : `rank ${rank}`}: ${why}`);
  }

  /** Ends all calls, here and on the others. */
  #tell(code: RankError["code"], rank: number | null, message: string): void {
    if (this.#error) return;
    const text = message.slice(0, TEXT);
    this.#end(new RankError(code, rank, text));
    this.#say({ what: "failure", code, rank, text });
  }

  #end(error: AshlarError): void {
    this.#error ??= error;
    this.#liveness.end();
    this.#outbox.stop();
    for (const exchange of this.#calls.values()) exchange.fail(error);
    this.#calls.clear();
    this.#early.clear();
    this.#link.hold?.(false);
  }

  #say(frame: Frame): void {
    if (this.#link.size === 1) return;
    this.#send(frame).catch((cause: Error) => this.#unable(cause));
  }

  /** What the link throws at once is a rejection, too: timers and close() have nobody to throw it to. */
  async #send(frame: Frame): Promise<void> {
    await this.#link.send(null, writeFrame(frame));
  }
}
