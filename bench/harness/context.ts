import type { Native } from "./native-build.ts";

/** What a run of the benchmarks was asked for, and what it found on this machine. */
export interface Context {
  readonly quick: boolean;
  /** False: ashlar and the rooflines alone. */
  readonly rivals: boolean;
  /** The compiled C rival, or why there is none. */
  readonly native: Native;
  /** A Python that has PyTorch, or why there is none. */
  readonly python: { readonly command: string; readonly torch: string } | { readonly why: string };
  /** Says what is going on. */
  readonly log: (line: string) => void;
}
