import type { Precision } from "../../language-detector/flags.ts";
import { type Plan, PRECISIONS } from "../task.ts";

/** What the page's address says of the run. */
export interface Parameters extends Plan {
  /** The websocket of nats-server. */
  readonly server: string;
  readonly group: string;
  readonly rank: number;
  readonly ranks: number;
  readonly timeout: number;
}

/**
 * Reads `?rank=2&ranks=3`, and whatever differs from the defaults, which are those of `nats.ts`.
 *
 * @param search of the page's address
 * @throws RangeError for what is missing or out of range
 */
export function readParameters(search: string): Parameters {
  const given = new URLSearchParams(search);
  const whole = (name: string, least: number, most: number, otherwise = "") => {
    const text = given.get(name) ?? otherwise;
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    const got = text === "" ? "nothing" : JSON.stringify(text);
    throw new RangeError(
      `the address, ?${name}=: expected a whole number from ${least} to ${most}, got ${got}`,
    );
  };
  const precision = given.get("precision") ?? "float32";
  if (!PRECISIONS.includes(precision)) {
    throw new RangeError(`the address, ?precision=: expected ${PRECISIONS.join(", ")}`);
  }
  const ranks = whole("ranks", 1, 64);
  return {
    server: given.get("server") ?? "ws://127.0.0.1:8443",
    group: given.get("group") ?? "language-detector",
    ranks,
    rank: whole("rank", 0, ranks - 1),
    timeout: whole("timeout", 1, 2_147_483_647, "30000"),
    seed: whole("seed", 0, 4_294_967_295, "1"),
    steps: whole("steps", 1, 100_000, "320"),
    precision: precision as Precision,
  };
}
