import { instantiateSync } from "@assemblyscript/loader";
import { ABI_VERSION } from "../../assembly/layout.ts";
import { AshlarError } from "../errors.ts";
import { CORE_BASE64 } from "./binary.generated.ts";
import { CompiledCore } from "./compiled-core.ts";

/** The exports of the core, bound to one slab's memory. Addresses are bytes; docs/abi.md. */
export interface Kernel {
  abiVersion(): number;
  /** Updates every active segment of the table. Each adds to its OVERFLOWED. */
  step(tablePtr: number, count: number): void;
  /** As step, and writes the METRICS of each active segment. */
  stepMeasured(tablePtr: number, count: number, scratchPtr: number): void;
  /** Updates the runs of one segment, active or not. */
  stepRuns(segmentPtr: number, runsPtr: number, count: number): void;
  /** Reads the gradients of every active segment: raises MAX_ABS_GRAD, writes SUMS where asked. */
  scan(tablePtr: number, count: number, scratchPtr: number): void;
  /** Scans elements of one segment, active or not, from `first`, a multiple of BLOCK_LENGTH. */
  scanRange(segmentPtr: number, first: number, length: number, scratchPtr: number): void;
  /** Reads the runs of one segment; returns the number of blocks summed. */
  scanRuns(segmentPtr: number, runsPtr: number, count: number, scratchPtr: number): number;
  /** float32[count] to 16 bits; returns how many finite values became infinite. */
  narrowFloat16(from: number, to: number, count: number): number;
  narrowBfloat16(from: number, to: number, count: number): number;
  /** 16 bits to float32[count], exactly. */
  widenFloat16(from: number, to: number, count: number): void;
  widenBfloat16(from: number, to: number, count: number): void;
}

/**
 * A WebAssembly.Memory. Spelled out so that the package's types do not need a library that
 * declares WebAssembly.
 */
export interface LinearMemory {
  /** Its bytes; another object after it grew. */
  readonly buffer: ArrayBufferLike;
}

const CORE = new CompiledCore(CORE_BASE64);

/** The core's own bytes, as shipped in `ashlar/core.wasm` too. */
export function coreBytes(): Uint8Array<ArrayBuffer> {
  return CORE.bytes();
}

/**
 * Compiles the core, once. After it `new AdamW(...)` is synchronous everywhere.
 *
 * @param compiled `ashlar/core.wasm` as a WebAssembly.Module, where the engine compiles no bytes
 * @throws AshlarError BAD_CORE where the engine cannot compile it (no WebAssembly SIMD, or a
 *   content security policy without 'wasm-unsafe-eval')
 */
export function ready(compiled?: object): Promise<void> {
  return CORE.ready(compiled as WebAssembly.Module | undefined);
}

/**
 * Binds the core to a memory and checks that both sides speak of the same layout.
 *
 * @param core the build for unshared memory by default
 */
export function instantiate(memory: LinearMemory, core = CORE): Kernel {
  const { exports } = instantiateSync(core.module(), {
    env: { memory: memory as WebAssembly.Memory },
  });
  const kernel = exports as unknown as Kernel;
  const version = kernel.abiVersion();
  if (version !== ABI_VERSION) {
    throw new AshlarError(
      "BAD_CORE",
      `"abiVersion" of the core: expected ${ABI_VERSION}, got ${version}`,
    );
  }
  return kernel;
}
