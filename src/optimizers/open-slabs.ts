import { Slabs } from "../core/slabs.ts";
import { openInHalves } from "../core/smaller-slabs.ts";
import { makeTeam, missingForThreads, processors } from "../core/threads/load.ts";
import { AshlarError, mismatch, OutOfMemoryError, show } from "../errors.ts";
import type { NamedParameter } from "../parameters/named.ts";
import type { Dtype } from "../parameters/parameter.ts";
import type { GroupMembers } from "./blueprint.ts";
import type { Entry } from "./entry.ts";
import type { Settings } from "./options.ts";

/**
 * Plans the slabs for all parameters, allocates them and copies the initial values in.
 *
 * @throws RangeError where a parameter does not fit the slabs, or its values a 16-bit model copy;
 *   AshlarError OUT_OF_MEMORY, NOT_READY, WORKER
 */
export function openSlabs(
  entries: readonly Entry[],
  members: readonly GroupMembers[],
  settings: Settings,
): Slabs {
  const slabs = allocate(entries, settings);
  try {
    fillSlabs(slabs, members, settings);
  } catch (cause) {
    // Its workers would never end.
    slabs.close();
    throw cause;
  }
  return slabs;
}

/**
 * Copies the initial values into fresh slabs, and makes the model copies.
 *
 * @throws RangeError where a 16-bit model copy can't hold a value
 */
export function fillSlabs(
  slabs: Slabs,
  members: readonly GroupMembers[],
  { model, master, touchPages }: Settings,
): void {
  if (touchPages) slabs.touchPages();
  const parameters = members.flatMap((member) => member.parameters);
  parameters.forEach((parameter, index) => {
    fill(slabs, index, parameter);
    if (model === "float32") return;
    narrowModel(slabs, { index, name: parameter.name }, model, master);
  });
}

function allocate(entries: readonly Entry[], settings: Settings): Slabs {
  const threads = threadsFor(settings.threads, entries);
  try {
    return allocateFor(threads, entries, settings);
  } catch (cause) {
    const isRefused = cause instanceof OutOfMemoryError;
    if (!isRefused || threads === 1 || settings.threads !== "auto") throw cause;
    // Nobody asked for these threads, and memory that is not shared may be had.
    return allocateFor(1, entries, settings);
  }
}

function allocateFor(threads: number, entries: readonly Entry[], settings: Settings): Slabs {
  const { model, master, gradients, slabBytes, splitParameters } = settings;
  const halves = { model16: model !== "float32", grad16: gradients !== "float32" };
  const sums = needsSums(entries, settings);
  return openInHalves(
    entries.map(({ name, length, paramGroup: { amsgrad } }) => ({ name, length, amsgrad })),
    { slabBytes, ...halves, splitParameters, threads },
    (plan) => {
      const team = threads > 1 ? makeTeam(threads) : null;
      return new Slabs(plan, entries.length, { model, master, gradients, sums, team });
    },
  );
}

/** Whether scans make sums of squares: some norm is asked for. */
export function needsSums(entries: readonly Entry[], { gradNorm }: Settings): boolean {
  return (
    gradNorm || entries.some(({ clip }) => clip?.kind === "norm" || clip?.kind === "globalNorm")
  );
}

/** More threads than these wait for memory and not for each other. */
const MOST_BY_THEMSELVES = 4;
/** Elements below which starting workers is not worth it. */
const FEW_ELEMENTS = 65_536;

function threadsFor(threads: number | "auto", entries: readonly Entry[]): number {
  if (threads === 1) return 1;
  const missing = missingForThreads();
  if (missing && threads === "auto") return 1;
  if (missing) {
    throw new AshlarError(
      "WORKER",
      `"threads" of the options: expected 1 or "auto" here, got ${threads}: there is ${missing}`,
    );
  }
  const elements = entries.reduce((sum, { length }) => sum + length, 0);
  if (elements === 0) return 1;
  if (threads !== "auto") return threads;
  return elements < FEW_ELEMENTS ? 1 : Math.min(MOST_BY_THEMSELVES, processors());
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

/**
 * Makes the model copy of a parameter's weights.
 *
 * @throws RangeError where it cannot hold them
 */
export function narrowModel(
  slabs: Slabs,
  { index, name }: { readonly index: number; readonly name: string },
  model: Dtype,
  master: boolean,
): void {
  let infinite = 0;
  for (const part of slabs.partsOf(index)) {
    infinite += slabs.narrow(part);
    // Without masters the weights are what the copy says, from the start.
    if (!master) slabs.widenModel(part);
  }
  if (infinite === 0) return;
  throw new RangeError(
    mismatch("data", `parameter ${show(name)}`, `values finite as ${model}`, `${infinite} beyond`),
  );
}
