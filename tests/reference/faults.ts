import { OP_STEP } from "../../assembly/layout.ts";

/** What goes wrong in a worker. */
export interface Fault {
  /**
   * `none`: by itself nothing does, whoever started it ends it. `late`: it sleeps so long that it counts
   * as lost, and does the chunk then.
   */
  readonly kind: "none" | "throw" | "trap" | "exit" | "spin" | "wait" | "late";
  /** In a chunk of which OP_*. */
  readonly op: number;
  /** How many chunks of it are done before, as they should be. */
  readonly skip: number;
  /** Whether the chunk is done and just not counted, or not begun. */
  readonly write: boolean;
  /** Milliseconds that each chunk takes longer. */
  readonly pace: number;
}

export const NO_FAULT: Fault = { kind: "none", op: OP_STEP, skip: 0, write: false, pace: 0 };
/** Milliseconds that a late worker sleeps. */
export const LATE_MS = 1800;
/** What the fault `throw` says. */
export const THROWN = "a fault, told in words: \u00e4 \u{1f9ea}";

/** Where the worker's file is; browsers get the fault by the address. */
export function faultyWorkerUrl(fault: Fault & { readonly index: number }): URL {
  const url = new URL("./faulty-worker.js", import.meta.url);
  if (url.protocol !== "file:") url.searchParams.set("fault", JSON.stringify(fault));
  return url;
}
