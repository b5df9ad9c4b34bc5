import { runCase } from "../harness/case.ts";
import type { Entry } from "../harness/contender.ts";
import type { Context } from "../harness/context.ts";
import { sizeName } from "../harness/data.ts";
import { ASHLAR, KERNEL } from "../report/names.ts";
import { NANOSECONDS } from "../report/result.ts";
import { ashlar } from "../rivals/ashlar.ts";
import { jaxJs } from "../rivals/jax.ts";
import {
  nativeAvx2,
  nativeAvx512,
  nativeBase,
  nativeCopy,
  nativeStream,
} from "../rivals/native.ts";
import { plain } from "../rivals/plain.ts";
import { wasmCopy, wasmStream } from "../rivals/roofline.ts";
import { tfjsCpu, tfjsWasm } from "../rivals/tfjs.ts";
import { torch } from "../rivals/torch.ts";
import { KI, MI, type Suite } from "./suite.ts";

const SIZES = [16 * KI, 256 * KI, MI, 16 * MI, 64 * MI];
const QUICK_SIZES = [16 * KI, MI, 16 * MI];

/** Beyond these a step takes seconds, or more memory than the rival's own limits allow. */
const MOST = { tfjsCpu: 256 * KI, tfjsWasm: 16 * MI, jaxJs: 16 * MI, torch: 64 * MI };

function entriesOf({ native, python, rivals }: Context, length: number): Entry[] {
  const ours = [
    ashlar({ name: KERNEL, length, options: { nonFinite: "allow" } }),
    ashlar({ name: ASHLAR, length }),
  ];
  const rooflines = [wasmStream(length), wasmCopy(length)];
  if (!rivals) return [...ours, ...rooflines];
  const upTo = (most: number, entries: Entry[]) => (length <= most ? entries : []);
  return [
    ...ours,
    nativeBase(native, length),
    nativeAvx2(native, length),
    nativeAvx512(native, length),
    ...plain(length),
    ...upTo(MOST.torch, torch(python, [length])),
    ...upTo(MOST.tfjsWasm, [tfjsWasm(length)]),
    ...upTo(MOST.tfjsCpu, [tfjsCpu(length)]),
    ...upTo(MOST.jaxJs, [jaxJs(length)]),
    ...rooflines,
    nativeStream(native, length),
    nativeCopy(native, length),
  ];
}

export const step: Suite = {
  name: "step",
  title: "One step of float32, on one thread",
  cores: "one",
  async run(context) {
    const cases = [];
    for (const length of context.quick ? QUICK_SIZES : SIZES) {
      const name = sizeName(length);
      const title = `${name} parameters`;
      const entries = entriesOf(context, length);
      cases.push(
        await runCase(context, { name, title, parameters: length, unit: NANOSECONDS, entries }),
      );
    }
    return cases;
  },
};
