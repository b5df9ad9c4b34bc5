import type { Slabs } from "../core/slabs.ts";
import { AshlarError } from "../errors.ts";
import { Accumulation } from "../gradients/accumulate.ts";
import { type Active, zeroGradient } from "./active.ts";
import type { Blueprint } from "./blueprint.ts";
import type { Entry } from "./entry.ts";
import {
  type NamedGradients,
  readGradients,
  requireEvery,
  writeGradient,
} from "./gradient-input.ts";
import { addMicroBatch, refuseWaitingSums, takeSums } from "./micro-batches.ts";
import { namedMetrics } from "./named-metrics.ts";
import { copiedGradients, refuseOverlaps } from "./own-views.ts";
import type { ParamGroup } from "./param-group.ts";
import { looks, makeContext, runStep, runStepAsync, type StepContext } from "./run-step.ts";
import type { StepChecks } from "./step-checks.ts";
import type { FilledReport } from "./step-report.ts";

/** A step that was applied or skipped. What it holds is overwritten by the next. */
export interface WatchedStep {
  readonly report: FilledReport;
  /** The parameters that took part, in the order of their names. */
  readonly ordered: readonly Active[];
  readonly checks: StepChecks;
}

/** Who is told of each step. Must not throw: the step is done. */
export interface StepWatcher {
  /**
   * Step k, from 0, is about to run: the gradients of these parameters lie in their planes as they
   * were given. It may be refused yet, and come again.
   */
  began?(ordered: readonly Active[], k: number): void;
  stepped(step: WatchedStep): void;
}

/** Applies steps to the slabs of an optimizer, one at a time, and counts them. */
export class Stepper {
  readonly #slabs: Slabs;
  readonly #rule: Omit<Blueprint, "members">;
  readonly #entries: readonly Entry[];
  readonly #byName: ReadonlyMap<string, Entry>;
  /** Every parameter's part in a step, in their order and in the order of their names. */
  readonly #all: readonly Active[];
  readonly #sorted: readonly Active[];
  readonly #context: StepContext;
  /** The sums of micro-batches that no step has taken yet. */
  readonly sums = new Accumulation();
  #average = false;
  #steps = 0;
  /** What holds the state: a step or a save. */
  #running: "step" | "save" | null = null;
  #poison: string | null = null;
  #metrics: Readonly<Record<string, number>> | null = null;
  #watcher: StepWatcher | null = null;

  constructor(
    slabs: Slabs,
    rule: Omit<Blueprint, "members">,
    groups: readonly ParamGroup[],
    entries: readonly Entry[],
    sorted: readonly Entry[],
  ) {
    this.#slabs = slabs;
    this.#rule = rule;
    this.#entries = entries;
    this.#byName = new Map(entries.map((entry) => [entry.name, entry]));
    this.#context = makeContext(slabs, rule, groups, entries, sorted);
    this.#all = this.#context.actives;
    this.#sorted = this.#context.ordered;
  }

  /**
   * Tells somebody of every step that is applied or skipped, with its checksums.
   *
   * @param stride of how many blocks one's state is checked in each step
   */
  watch(watcher: StepWatcher | null, stride: number): void {
    this.#watcher = watcher;
    this.#slabs.checkStride = watcher ? stride : 0;
  }

  get watcher(): StepWatcher | null {
    return this.#watcher;
  }

  /** Steps applied so far. */
  get steps(): number {
    return this.#steps;
  }

  /** Whether the step that takes the sums divides them by the number of micro-batches. */
  get average(): boolean {
    return this.#average;
  }

  /** Goes on after so many steps; the sums are restored by themselves. */
  restore(steps: number, average: boolean): void {
    this.#steps = steps;
    this.#average = average;
  }

  /** Goes on where another one stood, over the same parameters and more. */
  continue(other: Stepper): void {
    this.#steps = other.steps;
    this.#average = other.average;
    this.sums.restore(other.sums.microBatches, other.sums.sums);
    this.#metrics = other.metrics;
    this.#poison = other.#poison;
    this.watch(other.#watcher, other.#slabs.checkStride);
  }

  /** The metrics of the last measured step. */
  get metrics(): Readonly<Record<string, number>> | null {
    return this.#metrics;
  }

  /** Whether a step or a save is at work. */
  get isRunning(): boolean {
    return this.#running !== null;
  }

  /** Whether a step failed that may have written some of the state. */
  get isPoisoned(): boolean {
    return this.#poison !== null;
  }

  /** @throws AshlarError BUSY from within a step */
  refuseWithin(what: string): void {
    if (this.#running !== "step") return;
    throw new AshlarError("BUSY", `${what}: expected no step to run, got a call from within one`);
  }

  /** For what changes state. @throws AshlarError BUSY from within a step, and while a save runs */
  refuseWhileBusy(what: string): void {
    this.refuseWithin(what);
    if (this.#running === null) return;
    throw new AshlarError(
      "BUSY",
      `${what}: expected no save to run, got a call before it was done. Await save() first`,
    );
  }

  /**
   * Keeps the state as it is while it is saved.
   *
   * @throws AshlarError BUSY within a step or another save; POISONED
   */
  async whileSaving<Result>(save: () => Promise<Result>): Promise<Result> {
    this.refuseWhileBusy("save");
    this.refusePoisoned("save");
    this.#running = "save";
    try {
      return await save();
    } finally {
      this.#running = null;
    }
  }

  /** See Optimizer.step; fills the report. */
  step(input: NamedGradients | undefined, measured: boolean, report: FilledReport): void {
    this.#enter();
    try {
      this.#begin(input, measured);
      runStep(this.#context, report);
      this.#count(report);
    } catch (cause) {
      throw this.#failure(cause);
    } finally {
      this.#running = null;
    }
  }

  /** As step, without gradients; resolves without holding up the event loop for other threads. */
  async stepAsync(measured: boolean, report: FilledReport): Promise<void> {
    this.#enter();
    try {
      this.#begin(undefined, measured);
      await runStepAsync(this.#context, report);
      this.#count(report);
    } catch (cause) {
      throw this.#failure(cause);
    } finally {
      this.#running = null;
    }
  }

  /** @throws AshlarError POISONED */
  refusePoisoned(what: string): void {
    if (!this.#poison) return;
    throw new AshlarError(
      "POISONED",
      `${what}: expected whole state, got ${this.#poison}. Load the last checkpoint: this optimizer ` +
        "can only be disposed",
    );
  }

  #enter(): void {
    this.refusePoisoned("step");
    // A closure may have begun a save.
    this.refuseWhileBusy("step");
    if (this.#slabs.lost) {
      throw new AshlarError("WORKER", "a lost worker may still write to its memory");
    }
    this.#running = "step";
    this.#context.wrote = false;
  }

  /** See Optimizer.accumulate; `recheck` is called once the gradients are read. */
  accumulate(gradients: NamedGradients, average: boolean, recheck: () => void): void {
    const dtype = this.#rule.settings.gradients;
    const named = readGradients(gradients, this.#byName, dtype, "accumulate");
    recheck();
    refuseOverlaps(this.#slabs, copiedGradients(named), "gradient");
    addMicroBatch(this.#slabs, this.sums, named, dtype);
    this.#average = average;
  }

  /** Zeroes all gradients; the sums of micro-batches, which lie there, are forgotten. */
  zeroGradients(): void {
    const halves = this.#rule.settings.gradients !== "float32";
    for (const entry of this.#entries) zeroGradient(this.#slabs, entry, halves);
    this.sums.clear();
  }

  /** Brings the gradients of the step to their planes, and chooses who takes part. */
  #begin(input: NamedGradients | undefined, measured: boolean): void {
    this.#context.k = this.#steps;
    this.#context.measured = measured;
    const { settings, counting, className } = this.#rule;
    if (input !== undefined) {
      refuseWaitingSums(this.sums);
      const named = readGradients(input, this.#byName, settings.gradients);
      if (counting === "global") requireEvery(this.#entries, named, className);
      refuseOverlaps(this.#slabs, copiedGradients(named), "gradient");
      const scan = looks(settings) || this.#slabs.sums;
      const chosen = named.map(({ entry, gradient }) => {
        const active = this.#all[entry.index];
        writeGradient(this.#slabs, active, gradient, settings.lazy, scan);
        return active;
      });
      this.#choose(chosen);
    } else if (this.sums.microBatches > 0) {
      const { lazy } = settings;
      const chosen = takeSums(this.#slabs, this.sums, this.#all, this.#average, lazy);
      if (counting === "global") requireEvery(this.#entries, chosen, className);
      this.#choose(chosen);
    } else {
      const halves = settings.gradients !== "float32";
      for (const active of this.#all) active.begin().half = halves;
      this.#choose(this.#all);
    }
    this.#watcher?.began?.(this.#context.ordered, this.#context.k);
  }

  #choose(chosen: readonly Active[]): void {
    this.#context.actives = chosen;
    this.#context.ordered = this.#sorted;
    if (chosen.length === this.#all.length) return;
    const set = new Set(chosen);
    this.#context.ordered = this.#sorted.filter((active) => set.has(active));
  }

  /** After an applied or skipped step. */
  #count(report: FilledReport): void {
    const { actives, ordered, metrics, checks, k } = this.#context;
    this.sums.clear();
    if (report.applied) {
      this.#steps = k + 1;
      countUpdates(actives, this.#rule.counting === "global" ? k + 1 : null);
      if (metrics) this.#metrics = namedMetrics(metrics, actives);
    }
    this.#watcher?.stepped({ report, ordered, checks });
  }

  /** What a step throws: once a byte may be written, that the state can't be trusted any more. */
  #failure(cause: unknown): unknown {
    if (!this.#context.wrote) return cause;
    this.#poison = `a failure inside step ${this.#context.k + 1}: ${(cause as Error).message}`;
    return new AshlarError(
      "POISONED",
      `step: expected to finish, got ${this.#poison}. Load the last checkpoint`,
      { cause },
    );
  }
}

/** Raises the parameters' own counts of updates, or sets them to the common one. */
function countUpdates(actives: readonly Active[], common: number | null): void {
  for (const { entry } of actives) entry.t = common ?? entry.t + 1;
}
