import { knownKeys, optionObject, wholeNumberBetween } from "../../validate.ts";

/** How ranks that exchange messages wait for each other. */
export interface MessageOptions {
  /**
   * Milliseconds without any message of a rank after which a call that waits for it gives it up; up to
   * a fifth more pass until then. The same on all ranks. It must be longer than any computation during
   * which a rank does not come back to its event loop. Default 30,000.
   */
  readonly timeout?: number;
}

/** Milliseconds that a timer can wait. */
export const LONGEST = 0x7fff_ffff;

/** @returns the timeout */
export function readTimeout(options: MessageOptions, where: string): number {
  optionObject(options, "options", where);
  knownKeys(options, ["timeout"], where);
  return wholeNumberBetween(options.timeout ?? 30_000, 1, LONGEST, "timeout", where);
}
