import { runCase } from "../harness/case.ts";
import { NANOSECONDS } from "../report/result.ts";
import { ashlar } from "../rivals/ashlar.ts";
import type { Suite } from "./suite.ts";

/** Planes of 2^24 to 2^28 bytes: laid end to end they would be so far apart. */
const EXPONENTS = [24, 25, 26, 27, 28];
const STEPS = 1000;
const ROUNDS = 20;
/** Fewer steps where the machine is far slower than the 0.8 ns/parameter that it takes for 1,000. */
const LIMIT_MS = 150_000;

export const spacing: Suite = {
  name: "spacing",
  title: `${STEPS} steps of the kernel alone where the planes' sizes are powers of two`,
  cores: "one",
  async run(context) {
    const entries = EXPONENTS.map((exponent) =>
      ashlar({
        name: `planes of 2^${exponent} bytes`,
        length: 2 ** exponent / 4,
        options: { nonFinite: "allow" },
      }),
    );
    const plan = {
      name: "2^24 .. 2^28",
      title: "planes of 2^24 to 2^28 bytes",
      parameters: 2 ** 26,
      unit: NANOSECONDS,
      entries,
      pace: context.quick ? {} : { rounds: ROUNDS, steps: STEPS / ROUNDS, limitMs: LIMIT_MS },
    };
    return [await runCase(context, plan)];
  },
};
