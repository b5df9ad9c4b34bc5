import { AshlarError } from "../../errors.ts";

// What this adapter needs of koffi, spelled out: the package is optional, and its own types say `any`.

/** What a C function may be given: a pointer to a view's bytes, another pointer, null, an int, a text. */
export type Argument = ArrayBufferView | bigint | number | null | string;

/** A C function that gives an int. */
export interface NativeFunction {
  (...args: Argument[]): number;
  /** The same on a thread of libuv's pool; the last argument is told what came of it. */
  async(...args: [...Argument[], (error: Error | null, result: number) => void]): void;
}

/** An open library. */
export interface NativeLibrary {
  func(name: string, result: string, parameters: readonly string[]): NativeFunction;
  /** Address of a variable. */
  symbol(name: string): bigint;
}

/** The package koffi. */
export interface Koffi {
  /** @param path of a library; null for what the process has */
  load(
    path: string | null,
    options: { readonly global: boolean; readonly lazy: boolean },
  ): NativeLibrary;
}

/**
 * @param load `() => import("koffi")`
 * @throws AshlarError NOT_READY where it is not installed
 */
export async function loadKoffi(load: () => Promise<unknown>): Promise<Koffi> {
  try {
    return ((await load()) as { default: Koffi }).default;
  } catch (cause) {
    throw new AshlarError(
      "NOT_READY",
      `ashlar/mpi calls MPI by the package koffi, which cannot be loaded (${(cause as Error).message}). \`npm install koffi\``,
      { cause },
    );
  }
}
