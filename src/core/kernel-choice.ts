import { AshlarError } from "../errors.ts";

/** Which build of the core computes: with vectors, or for engines without them. The bits are the same. */
export type KernelName = "simd" | "scalar";

let chosen: KernelName | null = null;

/** A module whose one function splats a number over a vector: valid where there is WebAssembly SIMD. */
const PROBE = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0],
  // type: () -> v128; one function of it; its body: i32.const 0, i32x4.splat, end
  ...[1, 5, 1, 96, 0, 1, 123],
  ...[3, 2, 1, 0],
  ...[10, 8, 1, 6, 0, 65, 0, 253, 17, 11],
);

/** The kernel of this program: settled by whoever asks first. */
export function kernelName(): KernelName {
  chosen ??= WebAssembly.validate(PROBE) ? "simd" : "scalar";
  return chosen;
}

/**
 * Settles it.
 *
 * @throws AshlarError BAD_CORE where the other one is in use
 */
export function chooseKernel(name: KernelName): void {
  chosen ??= name;
  if (chosen === name) return;
  throw new AshlarError(
    "BAD_CORE",
    `"kernel" of ready: expected ${chosen}, which this program uses already, got ${name}. ` +
      "Choose before anything else",
  );
}
