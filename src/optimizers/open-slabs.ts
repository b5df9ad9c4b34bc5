import { planSlabs } from "../core/plan.ts";
import { Slabs } from "../core/slabs.ts";
import { mismatch, show } from "../errors.ts";
import type { NamedParameter } from "../parameters/named.ts";
import type { Dtype } from "../parameters/parameter.ts";
import type { GroupMembers } from "./blueprint.ts";
import type { Entry } from "./entry.ts";
import type { Settings } from "./options.ts";

/**
 * Plans the slabs for all parameters, allocates them and copies the initial values in.
 *
 * @throws RangeError where a parameter does not fit the slabs, or its values a 16-bit model copy;
 *   AshlarError OUT_OF_MEMORY, NOT_READY
 */
export function openSlabs(
  entries: readonly Entry[],
  members: readonly GroupMembers[],
  { model, master, gradients, slabBytes, splitParameters, gradNorm }: Settings,
): Slabs {
  const model16 = model !== "float32";
  const plan = planSlabs(
    entries.map(({ name, length, paramGroup: { amsgrad } }) => ({ name, length, amsgrad })),
    { slabBytes, model16, grad16: gradients !== "float32", splitParameters },
  );
  const byNorm = entries.some(({ clip }) => clip?.kind === "norm" || clip?.kind === "globalNorm");
  const slabs = new Slabs(plan, entries.length, model, gradNorm || byNorm);
  const parameters = members.flatMap((member) => member.parameters);
  parameters.forEach((parameter, index) => {
    fill(slabs, index, parameter);
    if (model16) narrow(slabs, index, parameter.name, model);
    // Without masters the weights are what the copy says, from the start.
    if (!master) for (const part of slabs.partsOf(index)) slabs.widenModel(part);
  });
  return slabs;
}

/** Memory begins as zeros, so a parameter without data needs nothing. */
function fill(slabs: Slabs, index: number, { data, dtype }: NamedParameter): void {
  if (data === null) return;
  for (const part of slabs.partsOf(index)) {
    const { first, length } = part.segment;
    const values = data.subarray(first, first + length);
    if (dtype === "float32") slabs.floats(part, "param").set(values);
    else slabs.widen(part, values as Uint16Array, dtype);
  }
}

function narrow(slabs: Slabs, index: number, name: string, model: Dtype): void {
  let infinite = 0;
  for (const part of slabs.partsOf(index)) infinite += slabs.narrow(part);
  if (infinite === 0) return;
  throw new RangeError(
    mismatch("data", `parameter ${show(name)}`, `values finite as ${model}`, `${infinite} beyond`),
  );
}
