import { cosPi } from "../numbers/cos-pi.ts";

// The ways from one rate to another. x is how far: 0 gives `from`, 1 gives `to`.

/** A way from one rate to another: a line, half a cosine wave, or 1 minus the root of the progress. */
export type Between = "linear" | "cosine" | "1-sqrt";

/** Half a cosine wave; x beyond 1 goes on with the wave. */
export function cosineBetween(from: number, to: number, x: number): number {
  return to + ((from - to) * (1 + cosPi(x))) / 2;
}

/** Written from its end, so that it arrives there exactly. */
export function linearBetween(from: number, to: number, x: number): number {
  return to + (from - to) * (1 - x);
}

/** 0 <= x <= 1; steep at first. Haegele et al. 2024 find it the better cool-down. */
export function rootBetween(from: number, to: number, x: number): number {
  return to + (from - to) * (1 - Math.sqrt(x));
}

export const BETWEEN = { linear: linearBetween, cosine: cosineBetween, "1-sqrt": rootBetween };
