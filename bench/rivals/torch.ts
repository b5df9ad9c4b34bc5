import { join } from "node:path";
import { type Entry, NotRun } from "../harness/contender.ts";
import type { Context } from "../harness/context.ts";
import { ROOT } from "../harness/root.ts";
import { checkWeights, samplesOf } from "../harness/truth.ts";
import { TORCH_FOREACH, TORCH_FUSED } from "../report/names.ts";
import { openChild } from "./child.ts";

const SCRIPT = join(ROOT, "bench/native/torch_adamw.py");
/** foreach makes temporaries as large as the tensors. */
const BYTES = { fused: 20, foreach: 32 };

function entry(
  kind: "fused" | "foreach",
  python: Context["python"],
  lengths: readonly number[],
): Entry {
  const name = kind === "fused" ? TORCH_FUSED : TORCH_FOREACH;
  const length = lengths.reduce((sum, one) => sum + one, 0);
  const open = async () => {
    if ("why" in python) throw new NotRun(python.why);
    return openChild({
      name,
      command: python.command,
      args: [SCRIPT],
      open: `open ${kind} ${lengths.join(",")}`,
      length,
      samples: samplesOf(lengths[0]),
      check: checkWeights,
    });
  };
  return { name, bytes: BYTES[kind] * length, open };
}

/** torch.optim.AdamW on one thread of the processor, both of its implementations. */
export const torch = (python: Context["python"], lengths: readonly number[]): Entry[] => [
  entry("fused", python, lengths),
  entry("foreach", python, lengths),
];
