import type { Slabs } from "../core/slabs.ts";
import { AshlarError, wrongKind, wrongValue } from "../errors.ts";
import { Accumulation } from "../gradients/accumulate.ts";
import { releaseLossScale, takeLossScale } from "../gradients/loss-scale.ts";
import { inNameOrder } from "../parameters/name-order.ts";
import { digestData } from "../state/digest.ts";
import { flag, knownKeys, optionObject } from "../validate.ts";
import { type Active, makeActive, zeroGradient } from "./active.ts";
import type { Blueprint } from "./blueprint.ts";
import { configData } from "./config.ts";
import { type CopyTargets, copyWeights } from "./copy-weights.ts";
import { Description } from "./describe.ts";
import { stateDigest, weightsDigest } from "./digests.ts";
import { bindParameters, type Entry } from "./entry.ts";
import {
  type NamedGradients,
  readGradients,
  requireEvery,
  writeGradient,
} from "./gradient-input.ts";
import { addMicroBatch, refuseWaitingSums, takeSums, widenGradients } from "./micro-batches.ts";
import { namedMetrics } from "./named-metrics.ts";
import { openSlabs } from "./open-slabs.ts";
import type { ParamGroup } from "./param-group.ts";
import { ParameterView } from "./parameter-view.ts";
import { runStep } from "./run-step.ts";
import { type NewWeights, setWeights } from "./set-weights.ts";
import { readStepOptions, type StepOptions } from "./step-options.ts";
import type { StepReport } from "./step-report.ts";

const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as Partial<PromiseLike<unknown>> | null)?.then === "function";

/**
 * The common machinery of the AdamW family: named parameters over slabs of linear memory, and one
 * step at a time through the kernel. Subclasses turn their options into a Blueprint.
 */
export abstract class Optimizer {
  /** The param groups, in the order given. */
  readonly groups: readonly ParamGroup[];
  readonly #rule: Omit<Blueprint, "members">;
  readonly #entries: readonly Entry[];
  readonly #sorted: readonly Entry[];
  readonly #byName: ReadonlyMap<string, Entry>;
  readonly #unmatched: readonly string[];
  readonly #model16: boolean;
  #slabs: Slabs | null;
  #steps = 0;
  #stepping = false;
  #poison: string | null = null;
  readonly #sums = new Accumulation();
  #average = false;
  #metrics: Readonly<Record<string, number>> | null = null;

  protected constructor(blueprint: Blueprint) {
    const { members, ...rule } = blueprint;
    const { settings } = rule;
    const { entries, unmatched } = bindParameters(members, settings);
    this.groups = Object.freeze(members.map(({ group }) => group));
    // Not the members: they hold the caller's initial data.
    this.#rule = rule;
    this.#entries = entries;
    this.#sorted = inNameOrder(entries);
    this.#byName = new Map(entries.map((entry) => [entry.name, entry]));
    this.#unmatched = unmatched;
    this.#model16 = settings.model !== "float32";
    this.#slabs = openSlabs(entries, members, settings);
    takeLossScale(settings.lossScale, "the options");
  }

  /** Steps applied so far: the index k that schedules see next. */
  get steps(): number {
    return this.#steps;
  }

  /** Bytes of linear memory in use. */
  get bytes(): number {
    return this.#open().bytes;
  }

  /** Names of all parameters, in the order given. */
  get parameterNames(): string[] {
    return this.#entries.map(({ name }) => name);
  }

  /** @throws RangeError for an unknown name */
  parameter(name: string): ParameterView {
    this.#open();
    return new ParameterView(this.#entry(name), this.#rule.settings, () => this.#open());
  }

  /**
   * A fresh view of a parameter's gradient in linear memory. Write into it, then `step()`.
   * It keeps its values until they are overwritten; `zeroGradients()` clears all. Where a step clips
   * by value or adaptively, centralizes or averages, it leaves there what it made of them.
   *
   * @throws RangeError for an unknown name, and for a parameter split over slabs
   */
  gradient(name: string): Float32Array<ArrayBuffer> {
    return this.parameter(name).gradient;
  }

  /**
   * As `gradient`, for 16-bit gradients: a fresh view of their bits.
   *
   * @throws TypeError where `precision.gradients` is float32; RangeError as `gradient`
   */
  gradient16(name: string): Uint16Array<ArrayBuffer> {
    return this.parameter(name).gradient16;
  }

  /**
   * Sets all gradients to zero, and forgets what `accumulate` summed.
   *
   * @throws AshlarError BUSY from within a step
   */
  zeroGradients(): void {
    const slabs = this.#open();
    this.#refuseWithinStep("zeroGradients");
    this.#sums.clear();
    const halves = this.#rule.settings.gradients !== "float32";
    for (const entry of this.#entries) zeroGradient(slabs, entry, null, halves);
  }

  /**
   * Applies one step.
   *
   * Without gradients every parameter moves by the gradient in its view, or by what `accumulate`
   * summed. With gradients by name only the named parameters move; the others, and those given null,
   * are untouched and their own step counts stand still. The arrays are copied, in the order of the
   * parameters: a view of this optimizer's own gradients may stand for its own parameter only. With a
   * closure it is called first, to write gradients, and what it returns is the report's `loss`.
   *
   * Everything is checked before the first byte of state is written: a refused step changes nothing
   * but the gradient views.
   *
   * @throws TypeError, RangeError for bad gradients or a schedule's bad value; AshlarError
   *   NON_FINITE (by the option nonFinite), DISPOSED, BUSY, POISONED
   */
  step(input?: NamedGradients | (() => unknown), options: StepOptions = {}): StepReport {
    const { metrics = false } = readStepOptions(options);
    this.#refuseWithinStep("step");
    this.#open();
    if (typeof input !== "function") return this.#locked(() => this.#stepWith(input, metrics));
    const loss = input();
    if (isPromise(loss)) {
      throw wrongKind("closure", "step", "a value, not a Promise", loss, "Use stepAsync");
    }
    return { ...this.#locked(() => this.#stepWith(undefined, metrics)), loss };
  }

  /** As `step(closure)`, with a closure that may return a Promise. */
  async stepAsync(closure: () => unknown, options: StepOptions = {}): Promise<StepReport> {
    if (typeof closure !== "function") {
      throw wrongKind("closure", "stepAsync", "a function", closure);
    }
    const { metrics = false } = readStepOptions(options);
    this.#refuseWithinStep("stepAsync");
    this.#open();
    const loss = await closure();
    this.#refuseWithinStep("stepAsync");
    return { ...this.#locked(() => this.#stepWith(undefined, metrics)), loss };
  }

  /**
   * Adds the gradients of a micro-batch to the sums that the next `step()` moves by. `average`
   * divides them by the number of micro-batches then; the last call's word counts.
   *
   * The sums lie in the gradient views: leave those alone meanwhile. A step that was applied or
   * skipped forgets them, one that threw leaves them as they were; `zeroGradients` forgets them too.
   *
   * @throws TypeError, RangeError for bad gradients, before any is added; AshlarError BUSY from
   *   within a step
   */
  accumulate(gradients: NamedGradients, options: { readonly average?: boolean } = {}): void {
    this.#open();
    this.#refuseWithinStep("accumulate");
    const where = "accumulate";
    knownKeys(optionObject(options, "options", where), ["average"], where);
    const { average = false } = options;
    const dtype = this.#rule.settings.gradients;
    flag(average, "average", where);
    const named = readGradients(gradients, this.#byName, dtype, where);
    // Opened anew: reading them may have run the caller's code.
    addMicroBatch(this.#open(), this.#sums, named, dtype);
    this.#average = average;
  }

  #locked(act: () => StepReport): StepReport {
    if (this.#poison) {
      throw new AshlarError("POISONED", `step: expected whole state, got ${this.#poison}`);
    }
    this.#stepping = true;
    try {
      return act();
    } finally {
      this.#stepping = false;
    }
  }

  #stepWith(input: NamedGradients | undefined, measured: boolean): StepReport {
    const slabs = this.#open();
    const { settings, counting, className } = this.#rule;
    let actives: readonly Active[];
    if (input !== undefined) {
      refuseWaitingSums(this.#sums);
      const named = readGradients(input, this.#byName, settings.gradients);
      if (counting === "global") requireEvery(this.#entries, named, className);
      actives = named.map((one) => writeGradient(slabs, one, settings.gradients, settings.lazy));
    } else if (this.#sums.microBatches > 0) {
      actives = takeSums(slabs, this.#sums, this.#entries, this.#average, settings.lazy);
      if (counting === "global") requireEvery(this.#entries, actives, className);
    } else {
      actives = this.#entries.map((entry) => makeActive(entry, null));
      widenGradients(slabs, this.#entries, settings.gradients);
    }
    return this.#run(slabs, actives, measured);
  }

  #run(slabs: Slabs, actives: readonly Active[], measured: boolean): StepReport {
    const k = this.#steps;
    let wrote = false;
    const context = {
      slabs,
      rule: this.#rule,
      groups: this.groups,
      entries: this.#entries,
      sorted: this.#sorted,
      k,
    };
    try {
      const { report, metrics } = runStep(context, actives, measured, () => {
        wrote = true;
      });
      this.#sums.clear();
      if (!report.applied) return report;
      this.#steps = k + 1;
      const global = this.#rule.counting === "global";
      for (const { entry } of actives) entry.t = global ? k + 1 : entry.t + 1;
      if (metrics) this.#metrics = namedMetrics(metrics, actives);
      return report;
    } catch (cause) {
      if (!wrote) throw cause;
      this.#poison = `a failure inside step ${k + 1}: ${(cause as Error).message}`;
      throw new AshlarError("POISONED", `step: expected to finish, got ${this.#poison}`, { cause });
    }
  }

  /**
   * The metrics of the last step that was asked for them (`step(gradients, { metrics: true })`);
   * null before it. Names are Composer's: docs/semantics.md, "Metrics".
   */
  metrics(): Readonly<Record<string, number>> | null {
    this.#open();
    return this.#metrics;
  }

  /**
   * Copies weights out: the float32 masters into a Float32Array, the bits of the 16-bit model copy
   * into a Uint16Array. All targets are checked before the first is written.
   *
   * @throws TypeError for a target of the wrong kind; RangeError for a wrong name or length
   */
  copyTo(targets: CopyTargets): void {
    copyWeights(this.#open(), targets, this.#byName, this.#model16);
  }

  /**
   * Overwrites the master weights of the named parameters, and narrows them into the model copy. The
   * moments and the step counts stay. The arrays are copied, in the order of the record: a view of
   * this optimizer's own weights may stand for its own parameter only.
   *
   * All weights are checked before the first is written.
   *
   * @param weights float32[length] each; finite, also as the dtype of the model copy
   * @throws TypeError for a wrong kind; RangeError for a wrong name, length or value; AshlarError
   *   BUSY from within a step
   */
  setWeights(weights: NewWeights): void {
    const slabs = this.#open();
    this.#refuseWithinStep("setWeights");
    setWeights(slabs, weights, this.#byName, this.#rule.settings);
  }

  /** Who gets which group, layer, lr scale and decay: a table for people (toString) and as data. */
  describe(): Description {
    return new Description(this.#rule.className, this.groups, this.#entries, this.#unmatched);
  }

  /**
   * SHA-256 of the state: the optimizer's step count, and of each parameter, in the order of the
   * names, its name, shape, step count, master weights, moments and model copy. The same for any
   * slabs, groups and order. Hex.
   */
  digest(): string {
    return stateDigest(this.#open(), this.#steps, this.#sorted, this.#rule.settings.model);
  }

  /** SHA-256 of the master weights: of each parameter its name, shape and float32 values. Hex. */
  weightsDigest(): string {
    return weightsDigest(this.#open(), this.#sorted);
  }

  /**
   * SHA-256 of what was configured: class, options, groups, schedules, and what the rules said of
   * each parameter. A function of the caller's counts only as a function. Hex.
   */
  configDigest(): string {
    this.#open();
    const { className, settings } = this.#rule;
    return digestData(
      "ashlar config 1",
      configData(className, settings, this.groups, this.#sorted),
    );
  }

  /**
   * Lets go of all memory. Whatever needs it is then an AshlarError DISPOSED; what was configured can
   * still be read, and disposing again is fine.
   *
   * @throws AshlarError BUSY from within a step
   */
  dispose(): void {
    this.#refuseWithinStep("dispose");
    if (this.#slabs) releaseLossScale(this.#rule.settings.lossScale);
    this.#slabs = null;
  }

  #refuseWithinStep(what: string): void {
    if (!this.#stepping) return;
    throw new AshlarError("BUSY", `${what}: expected no step to run, got a call from within one`);
  }

  #open(): Slabs {
    if (!this.#slabs) {
      throw new AshlarError(
        "DISPOSED",
        `the ${this.#rule.className} optimizer: expected to be in use, got disposed`,
      );
    }
    return this.#slabs;
  }

  #entry(name: string): Entry {
    const entry = this.#byName.get(name);
    if (!entry) throw wrongValue("name", "the parameters", "the name of one", name);
    return entry;
  }
}
