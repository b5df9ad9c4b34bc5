import { instantiateSync } from "@assemblyscript/loader";
import { ABI_VERSION } from "../../assembly/layout.ts";
import { AshlarError } from "../errors.ts";
import { CORE_BASE64 } from "./binary.generated.ts";

/** The exports of the core, bound to one slab's memory. Addresses are bytes; docs/abi.md. */
export interface Kernel {
  abiVersion(): number;
  /** Updates every active segment of the table. */
  step(tablePtr: number, count: number): void;
  /** As step, and writes the METRICS of each active segment. */
  stepMeasured(tablePtr: number, count: number, scratchPtr: number): void;
  /** Updates the runs of one segment, active or not. */
  stepRuns(segmentPtr: number, runsPtr: number, count: number): void;
  /** Reads the gradients of every active segment: MAX_ABS_GRAD and, where asked, SUMS. */
  scan(tablePtr: number, count: number, scratchPtr: number): void;
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
  readonly buffer: ArrayBufferLike;
}

let compiled: WebAssembly.Module | undefined;
let compiling: Promise<void> | undefined;

/** The core's own bytes, as shipped in `ashlar/core.wasm` too. */
export function coreBytes(): Uint8Array<ArrayBuffer> {
  const text = atob(CORE_BASE64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/**
 * Compiles the core, once. After it `new AdamW(...)` is synchronous everywhere.
 *
 * @throws AshlarError BAD_CORE where the engine cannot compile it (no WebAssembly SIMD, or a
 *   content security policy without 'wasm-unsafe-eval')
 */
export function ready(): Promise<void> {
  if (compiled) return Promise.resolve();
  compiling ??= WebAssembly.compile(coreBytes()).then(
    (module) => {
      compiled = module;
    },
    (cause: Error) => {
      compiling = undefined;
      throw new AshlarError("BAD_CORE", `the core: expected to compile, got: ${cause.message}`, {
        cause,
      });
    },
  );
  return compiling;
}

/** The compiled core, compiled on the spot where the engine allows it. */
function coreModule(): WebAssembly.Module {
  if (compiled) return compiled;
  try {
    compiled = new WebAssembly.Module(coreBytes());
    return compiled;
  } catch (cause) {
    throw new AshlarError(
      "NOT_READY",
      `the core: expected to be compiled, got: ${(cause as Error).message}. ` +
        "Await ready() before new AdamW(...), or use await AdamW.create(...)",
      { cause },
    );
  }
}

/** Binds the core to a memory and checks that both sides speak of the same layout. */
export function instantiate(memory: LinearMemory): Kernel {
  const { exports } = instantiateSync(coreModule(), {
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
