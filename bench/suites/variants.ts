import type { AdamWOptions } from "../../src/index.ts";
import { runCase } from "../harness/case.ts";
import { sizeName } from "../harness/data.ts";
import { KERNEL } from "../report/names.ts";
import { NANOSECONDS } from "../report/result.ts";
import { ashlar } from "../rivals/ashlar.ts";
import { KI, MI, type Suite } from "./suite.ts";

const SIZES = [256 * KI, MI, 16 * MI];
const QUICK_SIZES = [MI, 16 * MI];

/** A suite of options, each against the kernel alone. */
export function variantSuite(
  name: string,
  title: string,
  variants: Readonly<Record<string, AdamWOptions>>,
): Suite {
  const options = { [KERNEL]: { nonFinite: "allow" }, ...variants } as const;
  return {
    name,
    title,
    cores: "one",
    async run(context) {
      const cases = [];
      for (const length of context.quick ? QUICK_SIZES : SIZES) {
        const entries = Object.entries(options).map(([variant, one]) =>
          ashlar({ name: variant, length, options: one }),
        );
        const size = sizeName(length);
        cases.push(
          await runCase(context, {
            name: size,
            title: `${size} parameters`,
            parameters: length,
            unit: NANOSECONDS,
            entries,
          }),
        );
      }
      return cases;
    },
  };
}
