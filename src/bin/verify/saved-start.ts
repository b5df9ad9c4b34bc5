import { AdamW } from "../../optimizers/adamw.ts";
import { AdamWDL } from "../../optimizers/adamw-dl.ts";
import type { OptionData } from "../../optimizers/checkpoint/option-data.ts";
import { functionIn } from "../../optimizers/checkpoint/option-decoder.ts";
import type { SavedParameter } from "../../optimizers/checkpoint/saved-state.ts";
import { DecoupledAdamW } from "../../optimizers/decoupled-adamw.ts";
import { MindFormersAdamW } from "../../optimizers/mindformers-adamw.ts";
import type { Optimizer } from "../../optimizers/optimizer.ts";
import type { ParameterInfo } from "../../parameters/parameter.ts";
import { quoted } from "../../state/files/file-error.ts";
import type { SavedRun } from "../saved-run.ts";
import { TensorFile } from "../tensor-file.ts";
import { ToolError } from "../tool-error.ts";

/** The class of each checkpoint's name. */
const CLASSES: ReadonlyMap<string, { load(path: string, options: object): Promise<Optimizer> }> =
  new Map(
    Object.entries({ AdamW, AdamWDL, DecoupledAdamW, MindFormersAdamW }) as [
      string,
      { load(path: string, options: object): Promise<Optimizer> },
    ][],
  );

const RECORDED_LR = ". With --recorded-lr the learning rates are the ledger's";

/** An optimizer as a run began with it. */
export interface Started {
  readonly optimizer: Optimizer;
  /** Options whose functions the checkpoint's answers stand in for. */
  readonly standIns: readonly string[];
}

/**
 * Loads the checkpoint from before the first step. Of a function that only chooses by the parameter
 * the checkpoint has all answers; no other function of the program's can be had back.
 *
 * @throws ToolError naming those functions; CheckpointError; errors of the system
 */
export async function loadStart(path: string, recordedLr: boolean): Promise<Started> {
  const run = await readSaved(path);
  const saved = CLASSES.get(run.class);
  if (!saved) {
    throw new ToolError(`cannot replay ${quoted(path)}: this ashlar has no class ${run.class}`);
  }
  const { given, missing } = standInsFor(run);
  if (recordedLr) leaveOutLr(run, given, missing);
  if (missing.length > 0) {
    const which = missing.map(({ what }) => what).join(", ");
    const hint = missing.some(({ lrOf }) => lrOf !== null) && !recordedLr ? RECORDED_LR : "";
    throw new ToolError(
      `cannot replay ${quoted(path)}: it was made with functions of the program's, which no file can hold: ${which}${hint}`,
    );
  }
  const standIns = Object.keys(given).filter((option) => option !== "lr");
  return { optimizer: await saved.load(path, given), standIns };
}

async function readSaved(path: string): Promise<SavedRun> {
  const file = await TensorFile.open(path);
  try {
    if (file.run) return file.run;
    throw new ToolError(
      `cannot replay ${quoted(path)}: it is a safetensors file, but no checkpoint`,
    );
  } finally {
    await file.close();
  }
}

/** A function that is in no file. */
interface Missing {
  readonly what: string;
  /** The group whose learning rate it gives; null where it gives something else. */
  readonly lrOf: string | null;
}

/** Rules of AdamW, by the option. */
const RULES: Readonly<Record<string, (run: SavedRun, name: string) => unknown>> = {
  decays: (run, name) => parameterOf(run, name).decays,
  clips: (run, name) => parameterOf(run, name).clips,
  lrScale(run, name) {
    const { lrScale, group } = parameterOf(run, name);
    const own = run.groups.find((each) => each.name === group)?.options.lrScale ?? 1;
    return own === 0 ? 1 : lrScale / Number(own);
  },
};

/** One that was saved: the replay has the checkpoint's own parameters. */
const parameterOf = (run: SavedRun, name: string) =>
  run.parameters.find((parameter) => parameter.name === name) as SavedParameter;

/** A rate is given before each step: any will do until then. Of a group's own one none can be given. */
function leaveOutLr(run: SavedRun, given: Record<string, unknown>, missing: Missing[]): void {
  if (run.class !== "AdamW") return;
  const own = run.groups.filter((group) => group.own.includes("lr")).map(({ name }) => name);
  for (let i = missing.length - 1; i >= 0; i--) {
    const { lrOf } = missing[i];
    if (lrOf === null || own.includes(lrOf)) continue;
    given.lr = 0;
    missing.splice(i, 1);
  }
}

function standInsFor(run: SavedRun): { given: Record<string, unknown>; missing: Missing[] } {
  const given: Record<string, unknown> = {};
  const missing: Missing[] = [];
  const note = (data: OptionData, what: string, lrOf: string | null = null): void => {
    const name = functionIn(data);
    if (name !== null) missing.push({ what: name === "" ? what : `${what} (${name})`, lrOf });
  };
  for (const [option, data] of Object.entries(run.options)) {
    // Whether a group still follows a function, its own rate says.
    if (option === "lr" || option === "weightDecay") continue;
    const rule = run.class === "AdamW" && Object.hasOwn(RULES, option) ? RULES[option] : null;
    if (rule && functionIn(data) !== null) {
      given[option] = ({ name }: ParameterInfo) => rule(run, name);
    } else note(data, option);
  }
  for (const { name, lr, weightDecay, options } of run.groups) {
    note(lr, `lr of group ${name}`, name);
    note(weightDecay, `weightDecay of group ${name}`);
    for (const [option, data] of Object.entries(options)) note(data, `${option} of group ${name}`);
  }
  for (const { name, options = null } of run.parameters) note(options, `options of ${name}`);
  return { given, missing };
}
