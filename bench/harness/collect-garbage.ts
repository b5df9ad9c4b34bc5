import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * Frees what the last case left, gigabytes of WebAssembly memory among it, before the next one asks
 * for as much: only a collection does, and none comes by itself for a few small objects.
 */
export function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
}
