/**
 * The kernel over a memory of the caller's: no copies, no allocation in a step. For frameworks that
 * have a WebAssembly heap of their own. The public subpath `ashlar/core`.
 *
 * @module
 */
export { type LinearMemory, ready } from "../../core/kernel.ts";
export { AshlarError } from "../../errors.ts";
export { HeapAdamW } from "./heap-adamw.ts";
export type { HeapAdamWOptions } from "./heap-options.ts";
export type { HeapTensor } from "./heap-tensor.ts";
