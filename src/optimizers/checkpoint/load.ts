import type { ByteReader } from "../../state/bytes.ts";
import { openCheckpoint } from "../../state/checkpoint-file/read-checkpoint.ts";
import { checkTensors } from "./check-tensors.ts";
import { fill } from "./fill.ts";
import { fitParameters } from "./fit-parameters.ts";
import type { Internals } from "./internals.ts";
import { type LoadReport, readLoadOptions } from "./load-options.ts";
import { type LoadPlan, planLoad, type SavedClass } from "./load-plan.ts";
import { readSavedState } from "./read-saved-state.ts";
import { settle } from "./settle.ts";
import { coreDigest } from "./state-of.ts";

/** What makes an optimizer of a class, and lets it be disposed again. */
export interface Maker<Made> {
  make(plan: LoadPlan): Promise<Made>;
  internals(made: Made): Internals;
  dispose(made: Made): void;
}

/**
 * Makes an optimizer that goes on from a checkpoint. The reader stays open; what fails leaves
 * nothing behind.
 */
export async function loadFrom<Made>(
  reader: ByteReader,
  options: unknown,
  of: SavedClass,
  maker: Maker<Made>,
): Promise<{ made: Made; report: LoadReport }> {
  const given = readLoadOptions(options);
  const checkpoint = await openCheckpoint(reader);
  const saved = readSavedState(checkpoint.state);
  checkTensors(saved, checkpoint.tensors);
  const plan = planLoad(saved, given, of);
  const made = await maker.make(plan);
  try {
    const internals = maker.internals(made);
    const fit = fitParameters(internals.entries, saved.parameters, given.strict);
    const free = !given.strict || given.parameters !== undefined;
    const { differences, takeOvers } = settle(internals, saved, plan, fit, free);
    await fill(internals, checkpoint, saved, fit, given.onProgress);
    for (const takeOver of takeOvers) takeOver();
    const { missing, unused } = fit;
    const sameCore = saved.core === coreDigest();
    const { version } = checkpoint;
    return { made, report: { version, sameCore, differences, missing, unused } };
  } catch (cause) {
    maker.dispose(made);
    throw cause;
  }
}
