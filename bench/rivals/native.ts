import { type Entry, NotRun } from "../harness/contender.ts";
import type { Isa, Native } from "../harness/native-build.ts";
import { checkCopy, checkStream, checkWeights, samplesOf } from "../harness/truth.ts";
import { C_AVX2, C_AVX2_TWO, C_AVX512, C_BASE, COPY_C, STREAM_C } from "../report/names.ts";
import { openChild } from "./child.ts";

// AdamW in C, as the system's compiler vectorizes it: bench/native/.

interface NativePlan {
  readonly name: string;
  readonly isa: Isa;
  readonly kind: "adamw" | "stream" | "copy";
  readonly threads: number;
}

const CHECKS = { adamw: checkWeights, stream: checkStream, copy: checkCopy };

function entry(native: Native, length: number, plan: NativePlan): Entry {
  const { name, isa, kind, threads } = plan;
  const open = async () => {
    if ("why" in native) throw new NotRun(native.why);
    const command = native.binaries[isa];
    if (!command) throw new NotRun("this processor has no such instructions");
    return openChild({
      name,
      command,
      open: `open ${kind} ${length} ${threads}`,
      length,
      samples: samplesOf(length),
      check: CHECKS[kind],
    });
  };
  return { name, bytes: (kind === "copy" ? 28 : 16) * length, open };
}

const of = (name: string, isa: Isa, kind: NativePlan["kind"] = "adamw", threads = 1) => {
  return (native: Native, length: number) => entry(native, length, { name, isa, kind, threads });
};

export const nativeBase = of(C_BASE, "base");
export const nativeAvx2 = of(C_AVX2, "avx2");
export const nativeAvx512 = of(C_AVX512, "avx512");
export const nativeTwoThreads = of(C_AVX2_TWO, "avx2", "adamw", 2);
export const nativeStream = of(STREAM_C, "avx2", "stream");
export const nativeCopy = of(COPY_C, "base", "copy");
