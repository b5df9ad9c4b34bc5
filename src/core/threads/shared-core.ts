import { CompiledCore } from "../compiled-core.ts";
import { CORE_BASE64 } from "./binary.generated.ts";

/** The build for shared memory; `ready()` compiles it. */
export const SHARED_CORE = new CompiledCore(CORE_BASE64);
