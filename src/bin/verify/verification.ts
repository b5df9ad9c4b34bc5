import { dirname, join } from "node:path";
import type {
  EndRecord,
  HeaderRecord,
  LedgerParameter,
  LedgerRecord,
  StepRecord,
} from "../../ledger/format.ts";
import type { Optimizer } from "../../optimizers/optimizer.ts";
import { quoted } from "../../state/files/file-error.ts";
import {
  optionDifferences,
  parameterDifferences,
  recorderDifferences,
} from "../compare/configurations.ts";
import {
  checksumDifferences,
  numberOf,
  stepDifference,
  type Value,
} from "../compare/step-difference.ts";
import { digestDifferences } from "../compare/walk.ts";
import type { Difference } from "../diff/state-differences.ts";
import { showCount } from "../text/format.ts";
import { ToolError } from "../tool-error.ts";
import type { Confirmation, VerifyOptions } from "./confirmation.ts";
import {
  type GradientSource,
  moduleSource,
  recordedSource,
  seededSource,
} from "./gradient-source.ts";
import { Replay } from "./replay.ts";
import { loadStart } from "./saved-start.ts";

/** Runs a recorded run again, line by line, until a line is not what the ledger has. */
export class Verification {
  readonly #path: string;
  readonly #options: VerifyOptions;
  #replay: Replay | null = null;
  #source: GradientSource | null = null;
  #parameters: readonly LedgerParameter[] = [];
  #found: Confirmation;

  constructor(path: string, options: VerifyOptions) {
    this.#path = path;
    this.#options = options;
    this.#found = NOTHING;
  }

  get found(): Confirmation {
    return this.#found;
  }

  /** Whether to go on after the record. @throws ToolError; CheckpointError; errors of the system */
  async take(record: LedgerRecord): Promise<boolean> {
    switch (record.kind) {
      case "header":
        return this.#begin(record);
      case "step":
        return this.#step(record);
      case "end":
        return this.#end(record);
      case "cut":
        return this.#note({ ending: "cut" });
      case "parameters": {
        const when = `after step ${showCount(this.#steps)}`;
        return this.#stop(`parameters were added ${when}, whose weights no ledger holds`);
      }
    }
  }

  async close(): Promise<void> {
    await this.#source?.close();
    this.#replay?.optimizer.dispose();
    this.#source = null;
    this.#replay = null;
  }

  get #steps(): number {
    return (this.#replay as Replay).optimizer.steps;
  }

  #note(found: Partial<Confirmation>): true {
    this.#found = { ...this.#found, ...found };
    return true;
  }

  #stop(reason: string): false {
    this.#note({ reason });
    return false;
  }

  async #begin(header: HeaderRecord): Promise<boolean> {
    const before = await this.#replay?.end();
    await this.close();
    if (before && header.step > before.step) {
      const missing = `${showCount(before.step + 1)} to ${showCount(header.step)}`;
      return this.#stop(`steps ${missing} were not recorded (line ${showCount(header.line)})`);
    }
    const { path, gradients } = this.#ask(header);
    const { recordedLr } = this.#options;
    const { optimizer, standIns } = await loadStart(path, this.#options.recordedLr);
    try {
      this.#replay = await Replay.open(optimizer, header.stride);
    } catch (cause) {
      optimizer.dispose();
      const why = (cause as Error).message;
      throw new ToolError(`cannot replay ${quoted(path)}: ${why}`, { cause });
    }
    this.#source = await gradients();
    const [now] = (await this.#replay.records()) as HeaderRecord[];
    if (parameterDifferences(header.parameters, now.parameters)) {
      throw new ToolError(`cannot replay ${path}: it has other parameters than the ledger`);
    }
    this.#parameters = header.parameters;
    const start = [
      ...(header.step === now.step ? [] : [stepsValue(header.step, now.step)]),
      ...checksumDifferences("state", header.state, now.state, header.parameters),
    ];
    if (before?.step === header.step) {
      // Taken up again without a step back, it goes on from what it had come to.
      start.push(...checksumDifferences("state", header.state, before.state, header.parameters));
    }
    const options = optionDifferences(header, now, true).filter(isNotOf(standIns, recordedLr));
    this.#note({
      class: header.class,
      gradients: this.#source.title,
      standIns: [...new Set([...this.#found.standIns, ...standIns])],
      recordedLr,
      recorders: recorderDifferences(header, now).filter(({ what }) => what !== "note"),
      parameterCount: header.parameters.length,
      ending: "open",
      digest: null,
      start,
      options,
    });
    return start.length === 0 && options.length === 0;
  }

  /** Where the run began, and what gives the gradients. */
  #ask({ line, replay }: HeaderRecord): { path: string; gradients: () => Promise<GradientSource> } {
    const folder = dirname(this.#path);
    const refuse = (lacks: string, remedy: string) =>
      new ToolError(
        `cannot replay ${this.#path}: line ${line} of the ledger says of no ${lacks}. ${remedy}`,
      );
    const given = line === 1 ? this.#options.start : undefined;
    const start = given ?? (replay?.start ? join(folder, replay.start) : null);
    if (start === null) {
      throw refuse(
        "checkpoint to begin with",
        "Record with replay, or give --start CHECKPOINT of before the first step",
      );
    }
    const module = this.#options.gradients;
    if (module !== undefined) return { path: start, gradients: () => moduleSource(module) };
    if (!replay) throw refuse("gradients", "Record with replay, or give --gradients MODULE");
    const { gradients } = replay;
    return {
      path: start,
      gradients: async () =>
        typeof gradients === "string" ? recordedSource(folder, gradients) : seededSource(gradients),
    };
  }

  async #step(record: StepRecord): Promise<boolean> {
    const { optimizer } = this.#replay as Replay;
    const step = numberOf(record);
    try {
      if (this.#options.recordedLr) assignLr(optimizer, record);
      const has = await this.#source?.step(optimizer, record, this.#parameters);
      if (!has) return this.#stop(`the gradients of step ${showCount(step)} were not recorded`);
    } catch (cause) {
      if (cause instanceof ToolError) throw cause;
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new ToolError(`cannot replay step ${showCount(step)}: ${why}`, { cause });
    }
    const now = (await (this.#replay as Replay).records()).at(-1) as StepRecord;
    const first = stepDifference(record, now, this.#parameters, true);
    if (first) {
      this.#note({ first: { ...first, lines: { a: record.line, b: record.line } } });
      return false;
    }
    const { from = step, skipped = 0 } = this.#found.confirmed ?? {};
    return this.#note({
      confirmed: { from, to: step, skipped: skipped + (record.applied ? 0 : 1) },
    });
  }

  async #end(record: EndRecord): Promise<boolean> {
    const now = await (this.#replay as Replay).end();
    const end = [
      ...checksumDifferences("state", record.state, now.state, this.#parameters),
      ...digestDifferences(record, now),
    ];
    this.#note({ end, ending: "closed", digest: end.length > 0 ? null : record.digest });
    return end.length === 0;
  }
}

const NOTHING: Confirmation = {
  class: "",
  gradients: "",
  standIns: [],
  recordedLr: false,
  recorders: [],
  options: [],
  parameterCount: 0,
  confirmed: null,
  start: [],
  first: null,
  end: [],
  digest: null,
  ending: null,
  reason: null,
};

const stepsValue = (a: number, b: number): Value => ({ what: "steps", parameter: null, a, b });

/** A function that stands in for a rule answers as it did, but it is not that rule. */
function isNotOf(standIns: readonly string[], recordedLr: boolean) {
  const others = [
    ...(standIns.includes("lrScale") ? ["layerRule", "layer"] : []),
    ...(recordedLr ? ["lr", "initialLr"] : []),
  ];
  return ({ what }: Difference): boolean => !others.includes(what);
}

/** @throws RangeError for a rate that no group can have */
function assignLr({ groups }: Optimizer, { lr }: StepRecord): void {
  for (const group of groups) {
    if (Object.hasOwn(lr, group.name)) group.lr = lr[group.name];
  }
}
