import { AshlarError, allocate } from "../errors.ts";
import { type KernelName, kernelName } from "./kernel-choice.ts";

/** A binary of ours in a module of its own. */
export interface CoreBinary {
  readonly CORE_BASE64: string;
  /** Hex. */
  readonly CORE_SHA256: string;
}

/** One of our binaries, with vectors or without as the engine is, compiled once, on demand. */
export class CompiledCore {
  readonly #simd: CoreBinary;
  readonly #loadScalar: () => Promise<CoreBinary>;
  #scalar: CoreBinary | undefined;
  #module: WebAssembly.Module | undefined;
  #compiling: Promise<void> | undefined;

  /** @param loadScalar imports the other binary: few engines need it */
  constructor(simd: CoreBinary, loadScalar: () => Promise<CoreBinary>) {
    this.#simd = simd;
    this.#loadScalar = loadScalar;
  }

  /** The binary with vectors. */
  bytes(): Uint8Array<ArrayBuffer> {
    return bytesOf(this.#simd);
  }

  /** What computes; the hash is of the binary. */
  get info(): { readonly kernel: KernelName; readonly sha256: string } {
    const kernel = kernelName();
    const { CORE_SHA256: sha256 } = this.#binary(kernel);
    return { kernel, sha256 };
  }

  /**
   * Compiles it if need be.
   *
   * @param compiled the module, where the engine compiles no bytes and has got it as a file
   * @throws AshlarError BAD_CORE where the engine cannot (a content security policy without
   *   'wasm-unsafe-eval')
   */
  async ready(compiled?: WebAssembly.Module): Promise<void> {
    if (compiled && kernelName() === "scalar") {
      throw new AshlarError(
        "BAD_CORE",
        '"module" of ready: expected none, as it holds the kernel with SIMD, got one beside the scalar kernel',
      );
    }
    this.#module ??= compiled;
    if (this.#module) return;
    this.#compiling ??= this.#compile().catch((cause: Error) => {
      this.#compiling = undefined;
      throw new AshlarError("BAD_CORE", `the core: expected to compile, got: ${cause.message}`, {
        cause,
      });
    });
    return this.#compiling;
  }

  async #compile(): Promise<void> {
    const kernel = kernelName();
    if (kernel === "scalar") this.#scalar = await this.#loadScalar();
    this.#module = await WebAssembly.compile(bytesOf(this.#binary(kernel)));
  }

  /**
   * The module, compiled on the spot where the engine allows it.
   *
   * @throws AshlarError NOT_READY where it does not
   */
  module(): WebAssembly.Module {
    if (this.#module) return this.#module;
    try {
      this.#module = new WebAssembly.Module(bytesOf(this.#binary(kernelName())));
      return this.#module;
    } catch (cause) {
      throw new AshlarError(
        "NOT_READY",
        `the core: expected to be compiled, got: ${(cause as Error).message}. ` +
          "Await ready() before new AdamW(...), or use await AdamW.create(...)",
        { cause },
      );
    }
  }

  #binary(kernel: KernelName): CoreBinary {
    const binary = kernel === "simd" ? this.#simd : this.#scalar;
    if (!binary) throw new Error("the scalar kernel is not loaded");
    return binary;
  }
}

function bytesOf({ CORE_BASE64 }: CoreBinary): Uint8Array<ArrayBuffer> {
  const text = atob(CORE_BASE64);
  const bytes = allocate(text.length, "the core", () => new Uint8Array(text.length));
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}
