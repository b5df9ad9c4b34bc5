import { ready } from "../../src/core/kernel.ts";

// The files of this folder run tests once more with the core for engines without SIMD, which Node is
// not. Imported first: what is chosen first stays.
await ready({ kernel: "scalar" });
