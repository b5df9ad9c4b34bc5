import { AshlarError } from "../errors.ts";

/** One of our binaries, compiled once, on demand. */
export class CompiledCore {
  readonly #base64: string;
  #module: WebAssembly.Module | undefined;
  #compiling: Promise<void> | undefined;

  constructor(base64: string) {
    this.#base64 = base64;
  }

  /** The binary itself. */
  bytes(): Uint8Array<ArrayBuffer> {
    const text = atob(this.#base64);
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
    return bytes;
  }

  /**
   * Compiles it if need be.
   *
   * @param compiled the module, where the engine compiles no bytes and has got it as a file
   * @throws AshlarError BAD_CORE where the engine cannot (no WebAssembly SIMD, or a content security
   *   policy without 'wasm-unsafe-eval')
   */
  ready(compiled?: WebAssembly.Module): Promise<void> {
    this.#module ??= compiled;
    if (this.#module) return Promise.resolve();
    this.#compiling ??= WebAssembly.compile(this.bytes()).then(
      (module) => {
        this.#module = module;
      },
      (cause: Error) => {
        this.#compiling = undefined;
        throw new AshlarError("BAD_CORE", `the core: expected to compile, got: ${cause.message}`, {
          cause,
        });
      },
    );
    return this.#compiling;
  }

  /**
   * The module, compiled on the spot where the engine allows it.
   *
   * @throws AshlarError NOT_READY where it does not
   */
  module(): WebAssembly.Module {
    if (this.#module) return this.#module;
    try {
      this.#module = new WebAssembly.Module(this.bytes());
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
}
