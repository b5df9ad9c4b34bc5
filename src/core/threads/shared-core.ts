import { CompiledCore } from "../compiled-core.ts";
import * as SIMD from "./binary.generated.ts";

/** The build for shared memory; `ready()` compiles it. */
export const SHARED_CORE = new CompiledCore(SIMD, () => import("./scalar.generated.ts"));
