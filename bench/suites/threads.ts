import { runCase } from "../harness/case.ts";
import { sizeName } from "../harness/data.ts";
import { ONE_THREAD, TWO_THREADS } from "../report/names.ts";
import { NANOSECONDS } from "../report/result.ts";
import { ashlar } from "../rivals/ashlar.ts";
import { nativeAvx2, nativeTwoThreads } from "../rivals/native.ts";
import { KI, MI, type Suite } from "./suite.ts";

const SIZES = [64 * KI, 256 * KI, MI, 16 * MI, 64 * MI];
const QUICK_SIZES = [256 * KI, 16 * MI];

export const threads: Suite = {
  name: "threads",
  title: "Two threads, the kernel alone",
  cores: "all",
  async run(context) {
    const cases = [];
    for (const length of context.quick ? QUICK_SIZES : SIZES) {
      const { native, rivals } = context;
      const ours = [
        ashlar({ name: ONE_THREAD, length, options: { nonFinite: "allow" } }),
        ashlar({ name: TWO_THREADS, length, options: { nonFinite: "allow", threads: 2 } }),
      ];
      const theirs = [nativeAvx2(native, length), nativeTwoThreads(native, length)];
      const name = sizeName(length);
      cases.push(
        await runCase(context, {
          name,
          title: `${name} parameters`,
          parameters: length,
          unit: NANOSECONDS,
          entries: rivals ? [...ours, ...theirs] : ours,
        }),
      );
    }
    return cases;
  },
};
