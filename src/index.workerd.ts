// @ts-expect-error a file of the package, which bundlers for workerd leave as a module of its own
import core from "../core.wasm";
import { ready } from "./core/kernel.ts";

// workerd compiles no bytes: it gets the core as a module. From here on the core is ready.
ready({ module: core });

export * from "./index.ts";
