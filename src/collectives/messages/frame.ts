import { type Call, KINDS } from "./call.ts";

// A message: a header, little-endian, and what it carries.
//
//   0  uint32   "ash" and the version of the format
//   4  uint16   what it is: 1 piece, 2 sign of life, 3 goodbye, 4 failure
//   6  uint16   piece: kind of call; failure: 1 RANK_LOST, 2 RANKS_DIFFER
//   8  float64  piece: number of the call; sign of life: the timeout
//  16  uint32   piece: detail; failure: the rank at fault, 2^32 - 1 for none
//  20  uint32   piece: check
//  24  float64  piece: total
//  32  float64  piece: offset in what this rank gives that one
//  40  bytes    piece: of the range; failure: the message, UTF-8

/** Bytes of a header: a multiple of 8, so that float64 values can be read where they lie behind it. */
export const HEADER = 40;
const MAGIC = 0x01687361;
const NO_RANK = 0xffffffff;
const CODES = ["RANK_LOST", "RANKS_DIFFER"] as const;

/** Bytes of a call's range. */
export interface Piece {
  readonly what: "piece";
  readonly number: number;
  readonly call: Call;
  readonly offset: number;
  readonly bytes: Uint8Array;
}

export type Frame =
  | Piece
  | { readonly what: "alive"; readonly timeout: number }
  | { readonly what: "bye" }
  | {
      readonly what: "failure";
      readonly code: (typeof CODES)[number];
      readonly rank: number | null;
      readonly text: string;
    };

const WHATS = ["piece", "alive", "bye", "failure"] as const;

/** Makes a message of a frame, in a buffer of its own. */
export function writeFrame(frame: Frame): Uint8Array {
  const body = bodyOf(frame);
  const bytes = new Uint8Array(HEADER + body.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint16(4, 1 + WHATS.indexOf(frame.what), true);
  if (frame.what === "piece") {
    const { number, call, offset } = frame;
    view.setUint16(6, KINDS.indexOf(call.kind), true);
    view.setFloat64(8, number, true);
    view.setUint32(16, call.detail, true);
    view.setUint32(20, call.check, true);
    view.setFloat64(24, call.total, true);
    view.setFloat64(32, offset, true);
  } else if (frame.what === "alive") {
    view.setFloat64(8, frame.timeout, true);
  } else if (frame.what === "failure") {
    view.setUint16(6, 1 + CODES.indexOf(frame.code), true);
    view.setUint32(16, frame.rank ?? NO_RANK, true);
  }
  bytes.set(body, HEADER);
  return bytes;
}

function bodyOf(frame: Frame): Uint8Array {
  if (frame.what === "piece") return frame.bytes;
  return frame.what === "failure" ? new TextEncoder().encode(frame.text) : new Uint8Array(0);
}

/** Reads a message; undefined for what is none of this version. */
export function readFrame(bytes: Uint8Array): Frame | undefined {
  if (bytes.length < HEADER) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  if (view.getUint32(0, true) !== MAGIC) return undefined;
  const sub = view.getUint16(6, true);
  const body = bytes.subarray(HEADER);
  switch (WHATS[view.getUint16(4, true) - 1]) {
    case "piece": {
      const kind = KINDS[sub];
      if (kind === undefined) return undefined;
      const call = {
        kind,
        detail: view.getUint32(16, true),
        check: view.getUint32(20, true),
        total: view.getFloat64(24, true),
      };
      const number = view.getFloat64(8, true);
      return { what: "piece", number, call, offset: view.getFloat64(32, true), bytes: body };
    }
    case "alive":
      return { what: "alive", timeout: view.getFloat64(8, true) };
    case "bye":
      return { what: "bye" };
    case "failure": {
      const code = CODES[sub - 1];
      if (code === undefined) return undefined;
      const rank = view.getUint32(16, true);
      const text = new TextDecoder().decode(body);
      return { what: "failure", code, rank: rank === NO_RANK ? null : rank, text };
    }
    default:
      return undefined;
  }
}
