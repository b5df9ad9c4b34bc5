import { instantiateSync } from "@assemblyscript/loader";
import { ABI_VERSION } from "../../assembly/layout.ts";
import { AshlarError, wrongKind } from "../errors.ts";
import { knownKeys, oneOf, optionObject } from "../validate.ts";
import * as SIMD from "./binary.generated.ts";
import { CompiledCore } from "./compiled-core.ts";
import { chooseKernel, type KernelName } from "./kernel-choice.ts";

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
  /** Writes the CHECKS of a whole segment, active or not: of its gradients only where asked. */
  checkSegment(segmentPtr: number, gradients: number): void;
  /** Folds the gradients of the runs of a segment into the uint64 at hashPtr. */
  checkRuns(segmentPtr: number, runsPtr: number, count: number, hashPtr: number): void;
  /** Folds check records into two uint64 at hashesPtr: of the gradient, of the state. */
  foldChecks(recordsPtr: number, count: number, hashesPtr: number): void;
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

const CORE = new CompiledCore(SIMD, () => import("./scalar.generated.ts"));

/** The core's own bytes, as shipped in `ashlar/core.wasm` too. */
export function coreBytes(): Uint8Array<ArrayBuffer> {
  return CORE.bytes();
}

/** What `ready` may be told; all of it may be left out. */
export interface ReadyOptions {
  /** `ashlar/core.wasm` as a WebAssembly.Module, where the engine compiles no bytes. */
  readonly module?: object;
  /**
   * "scalar" is for engines without WebAssembly SIMD, and taken there by itself; elsewhere it is for
   * tests. The bits are the same, a step takes several times as long.
   */
  readonly kernel?: KernelName;
}

/**
 * Compiles the core, once. After it `new AdamW(...)` is synchronous everywhere.
 *
 * @throws AshlarError BAD_CORE where the engine cannot compile it (a content security policy without
 *   'wasm-unsafe-eval'), and for another `kernel` than the one in use; TypeError, RangeError for a bad
 *   option
 */
export async function ready(options: ReadyOptions = {}): Promise<void> {
  knownKeys(optionObject(options, "options", "ready"), ["module", "kernel"], "ready");
  const { module, kernel } = options;
  if (module !== undefined && !(module instanceof WebAssembly.Module)) {
    throw wrongKind("module", "ready", "a WebAssembly.Module", module);
  }
  if (kernel !== undefined) chooseKernel(oneOf(kernel, ["simd", "scalar"], "kernel", "ready"));
  await CORE.ready(module);
}

/** What computes, for records of a run. */
export interface CoreInfo {
  /** With vectors, or for engines without them. */
  readonly kernel: KernelName;
  /** SHA-256 of its binary, hex. */
  readonly sha256: string;
  /** Version of the memory layout: docs/abi.md. */
  readonly abi: number;
}

/** Which core this program uses. @throws AshlarError NOT_READY before `ready()` without SIMD */
export function coreInfo(): CoreInfo {
  CORE.module();
  return { ...CORE.info, abi: ABI_VERSION };
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
