import type { Collective } from "../../src/collectives/collective.ts";
import type { Operation } from "./model.ts";

/** Makes the calls of a step with ranges of those lengths: all of a phase, then what comes of them. */
export async function takeStep(
  collective: Collective,
  operations: readonly Operation[],
): Promise<void> {
  let underWay: Promise<void>[] = [];
  let phase: string | undefined;
  for (const operation of operations) {
    if (operation.phase !== phase) await Promise.all(underWay);
    if (operation.phase !== phase) underWay = [];
    phase = operation.phase;
    underWay.push(make(collective, operation));
  }
  await Promise.all(underWay);
}

function make(collective: Collective, { kind, parts }: Operation): Promise<void> {
  if (kind === "barrier") return collective.barrier();
  if (kind === "allGather") return collective.allGather(parts.map((part) => new Uint8Array(part)));
  const into = new Float32Array(parts[collective.rank] / 4);
  const gradients = parts.map((part) => new Float32Array(part / 4));
  return collective.reduceScatter(gradients, into, "ordered");
}
