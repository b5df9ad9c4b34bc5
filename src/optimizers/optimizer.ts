/// <reference lib="esnext.disposable" preserve="true" />
import { ready } from "../core/kernel.ts";
import type { Slabs } from "../core/slabs.ts";
import { loadThreads, missingForThreads } from "../core/threads/load.ts";
import { wrongKind } from "../errors.ts";
import type { LossScale } from "../gradients/loss-scale.ts";
import type { RawGroup } from "../parameters/groups.ts";
import type { NamedParameters } from "../parameters/named.ts";
import { type LoadSource, openSource } from "../state/sources/open-source.ts";
import { BlobSink, BytesSink } from "../state/targets/memory.ts";
import { openTarget, type SaveTarget } from "../state/targets/open-target.ts";
import { flag, knownKeys, optionObject } from "../validate.ts";
import type { Blueprint } from "./blueprint.ts";
import { loadFrom } from "./checkpoint/load.ts";
import type { LoadReport } from "./checkpoint/load-options.ts";
import type { LoadPlan, SavedClass } from "./checkpoint/load-plan.ts";
import { readSaveOptions, type SaveOptions } from "./checkpoint/save.ts";
import { configData, configDigest } from "./config.ts";
import type { CopyTargets } from "./copy-targets.ts";
import { copyWeights } from "./copy-weights.ts";
import { Description } from "./describe.ts";
import { parameterDigests, stateDigest, weightsDigest } from "./digests.ts";
import { disposable } from "./disposable.ts";
import type { NamedGradients } from "./gradient-input.ts";
import { type GroupGradients, groupGradients } from "./group-gradients.ts";
import { Machinery } from "./machinery.ts";
import type { ParamGroup } from "./param-group.ts";
import { ParameterView } from "./parameter-view.ts";
import { type NewWeights, setWeights } from "./set-weights.ts";
import type { Settings } from "./settings.ts";
import { NO_OPTIONS, readStepOptions, type StepOptions } from "./step-options.ts";
import { type FilledReport, makeReport, type StepReport } from "./step-report.ts";
import type { Stepper } from "./stepper.ts";
import { WARM_UP_STEPS, warmUpBlueprint } from "./warm-up.ts";

const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as Partial<PromiseLike<unknown>> | null)?.then === "function";

/** What an optimizer holds, for modules of this package: records of a run. */
export let machineryOf: (optimizer: Optimizer) => Machinery;

/**
 * The common machinery of the AdamW family: named parameters over slabs of linear memory, and one
 * step at a time through the kernel. Subclasses turn their options into a Blueprint.
 */
export abstract class Optimizer {
  readonly #machinery: Machinery;
  static {
    machineryOf = (optimizer) => optimizer.#machinery;
    disposable(Optimizer.prototype, Symbol.dispose);
  }
  /** As `dispose`, for `using`; where the engine has `Symbol.dispose`. */
  declare readonly [Symbol.dispose]: () => void;
  #loadReport: LoadReport | null = null;

  protected constructor(blueprint: Blueprint) {
    this.#machinery = new Machinery(blueprint);
  }

  /** The param groups, in the order given. */
  get groups(): readonly ParamGroup[] {
    return this.#machinery.bound.groups;
  }

  /**
   * What every `create` does: makes the core ready, makes the optimizer, and prepares it, so that its
   * first step is as fast as the later ones.
   */
  protected static async prepared<Made extends Optimizer>(
    options: { readonly threads?: unknown } | undefined,
    make: () => Made,
  ): Promise<Made> {
    await ready();
    const { threads = 1 } = options ?? {};
    if (threads !== 1 && !missingForThreads()) await loadThreads();
    const optimizer = make();
    try {
      await optimizer.#prepare();
    } catch (cause) {
      optimizer.dispose();
      throw cause;
    }
    return optimizer;
  }

  /** What every `load` does: see AdamW.load. */
  protected static async loaded<Made extends Optimizer>(
    source: LoadSource,
    options: object,
    of: SavedClass,
    make: (plan: LoadPlan) => Made,
  ): Promise<Made> {
    const reader = await openSource(source);
    try {
      const { made, report } = await loadFrom(reader, options, of, {
        make: (plan) => Optimizer.prepared(plan.options, () => make(plan)),
        internals: (optimizer) => optimizer.#machinery.internals(),
        dispose: (optimizer) => optimizer.dispose(),
      });
      made.#loadReport = report;
      return made;
    } finally {
      await reader.close();
    }
  }

  async #prepare(): Promise<void> {
    const { threads } = this.#machinery.rule.settings;
    const slabs = this.#open();
    for (const amsgrad of new Set(this.groups.map((group) => group.amsgrad))) {
      const blueprint = warmUpBlueprint(this.#machinery.rule, amsgrad);
      if (blueprint) new Scratch(blueprint).warmUp();
    }
    try {
      await slabs.ready();
    } catch (cause) {
      // Nobody asked for these threads: one thread does all.
      if (threads !== "auto") throw cause;
      slabs.close();
    }
  }

  /** Steps applied so far: the index k that schedules see next. */
  get steps(): number {
    return this.#stepper.steps;
  }

  /** The option lossScale, or what a checkpoint made of it; null without one. */
  get lossScale(): LossScale | null {
    return this.#machinery.rule.settings.lossScale;
  }

  /** What loading found; null for an optimizer that was not loaded. */
  get loadReport(): LoadReport | null {
    return this.#loadReport;
  }

  /** Bytes of linear memory in use. */
  get bytes(): number {
    return this.#open().bytes;
  }

  /** Threads that share the work, the caller's own included. */
  get threads(): number {
    return this.#open().threads;
  }

  /** Names of all parameters, in the order given. */
  get parameterNames(): string[] {
    return this.#machinery.bound.entries.map(({ name }) => name);
  }

  /** @throws RangeError for an unknown name */
  parameter(name: string): ParameterView {
    this.#open();
    return new ParameterView(this.#machinery.entry(name), this.#machinery.rule.settings, () =>
      this.#open(),
    );
  }

  /**
   * A fresh view of a parameter's gradient in linear memory. Write into it, then `step()`.
   * It keeps its values until they are overwritten; `zeroGradients()` clears all. Where a step clips
   * by value or adaptively, centralizes or averages, it leaves there what it made of them.
   *
   * @throws RangeError for an unknown name, and for a parameter split over slabs
   */
  gradient(name: string): Float32Array {
    return this.parameter(name).gradient;
  }

  /**
   * As `gradient`, for 16-bit gradients: a fresh view of their bits.
   *
   * @throws TypeError where `precision.gradients` is float32; RangeError as `gradient`
   */
  gradient16(name: string): Uint16Array {
    return this.parameter(name).gradient16;
  }

  /**
   * Fresh views over the gradients of a whole group, for callers that fill them in one go: one view
   * for each memory that the group lies in, mostly one, with the place of each parameter in it.
   *
   * @throws RangeError for an unknown group
   */
  groupGradients(group: string): GroupGradients[] {
    const halves = this.#machinery.rule.settings.gradients !== "float32";
    return groupGradients(this.#open(), this.#machinery.bound.entries, group, halves);
  }

  /**
   * Sets all gradients to zero, and forgets what `accumulate` summed.
   *
   * @throws AshlarError BUSY from within a step, POISONED
   */
  zeroGradients(): void {
    this.#machinery.begin("zeroGradients");
    this.#stepper.zeroGradients();
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
   * but the gradient views. One that fails later, because a worker died or the engine gave up, leaves
   * the optimizer POISONED, and says in which step: its state may be half of it. Dispose it, and load
   * the last checkpoint. A worker that dies earlier, while gradients are read, is an error WORKER: the
   * state is as it was, and the next step does without workers; take views anew then, the old ones are
   * of memory that is no longer used. Either comes within two seconds: docs/determinism.md, "When a
   * thread dies".
   *
   * @throws TypeError, RangeError for bad gradients or a schedule's bad value; AshlarError
   *   NON_FINITE (by the option nonFinite), DISPOSED, BUSY, POISONED, WORKER, OUT_OF_MEMORY
   */
  step(input?: NamedGradients | (() => unknown), options: StepOptions = NO_OPTIONS): StepReport {
    readStepOptions(options);
    this.#stepper.refuseWhileBusy("step");
    this.#open();
    if (typeof input !== "function") return this.#step(input, options);
    const loss = input();
    if (isPromise(loss)) {
      throw wrongKind("closure", "step", "a value, not a Promise", loss, "Use stepAsync");
    }
    return Object.assign(this.#step(undefined, options), { loss });
  }

  /**
   * As `step(closure)`, with a closure that may return a Promise. With several threads it does not
   * hold up the event loop while others finish; leave weights and gradients alone until it resolves.
   *
   * @throws as step
   */
  async stepAsync(closure: () => unknown, options: StepOptions = NO_OPTIONS): Promise<StepReport> {
    if (typeof closure !== "function") {
      throw wrongKind("closure", "stepAsync", "a function", closure);
    }
    readStepOptions(options);
    this.#stepper.refuseWhileBusy("stepAsync");
    this.#open();
    const loss = await closure();
    this.#stepper.refuseWhileBusy("stepAsync");
    this.#open();
    const { metrics = false, report = this.newReport() } = options;
    await this.#machinery.stepAsync(metrics, report as FilledReport);
    return Object.assign(report, { loss });
  }

  #step(
    input: NamedGradients | undefined,
    { metrics = false, report = this.newReport() }: StepOptions,
  ): StepReport {
    this.#open();
    this.#machinery.step(input, metrics, report as FilledReport);
    return report;
  }

  /**
   * An empty report. `step(gradients, { report })` fills it and returns it, so that a step allocates
   * nothing; what it said of the step before is overwritten.
   */
  newReport(): StepReport {
    return makeReport(this.groups);
  }

  /**
   * Adds the gradients of a micro-batch to the sums that the next `step()` moves by. `average`
   * divides them by the number of micro-batches then; the last call's word counts.
   *
   * The sums lie in the gradient views: leave those alone meanwhile. A step that was applied or
   * skipped forgets them, one that threw leaves them as they were; `zeroGradients` forgets them too.
   *
   * @throws TypeError, RangeError for bad gradients, AshlarError OUT_OF_MEMORY: before any is added;
   *   AshlarError BUSY from within a step, POISONED
   */
  accumulate(gradients: NamedGradients, options: { readonly average?: boolean } = {}): void {
    const where = "accumulate";
    const recheck = this.#machinery.begin(where);
    knownKeys(optionObject(options, "options", where), ["average"], where);
    const { average = false } = options;
    flag(average, "average", where);
    // Reading them may run the caller's code.
    this.#stepper.accumulate(gradients, average, recheck);
  }

  /**
   * The metrics of the last step that was asked for them (`step(gradients, { metrics: true })`);
   * null before it. Names are Composer's: docs/semantics.md, "Metrics".
   */
  metrics(): Readonly<Record<string, number>> | null {
    this.#open();
    return this.#stepper.metrics;
  }

  /**
   * Copies weights out: the float32 masters into a Float32Array, the bits of the 16-bit model copy
   * into a Uint16Array. All targets are checked before the first is written.
   *
   * @throws TypeError for a target of the wrong kind; RangeError for a wrong name or length;
   *   AshlarError BUSY from within a step, POISONED
   */
  copyTo(targets: CopyTargets): void {
    this.#look("copyTo");
    copyWeights(
      () => this.#look("copyTo"),
      targets,
      this.#machinery.bound.byName,
      this.#machinery.rule.settings.model !== "float32",
    );
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
   *   BUSY from within a step, POISONED
   */
  setWeights(weights: NewWeights): void {
    const { byName } = this.#machinery.bound;
    const recheck = this.#machinery.begin("setWeights");
    setWeights(weights, byName, this.#machinery.rule.settings, recheck);
  }

  /**
   * Adds parameters to a group, from the next step on. They begin as at creation: without moments, with
   * step count 0 of their own. Everything else goes on; all of the state is copied once, and views that
   * were handed out before are of memory that is no longer used.
   *
   * @param parameters as at creation, without groups
   * @param options    group: its name; may be left out where there is but one
   * @throws TypeError, RangeError for a bad parameter or an unknown group; AshlarError BUSY within a
   *   step or a save, POISONED, OUT_OF_MEMORY: nothing is changed then
   */
  addParameters(parameters: NamedParameters, options: { readonly group?: string } = {}): void {
    this.#machinery.addParameters(parameters, options);
  }

  /**
   * What `addGroup` does of the classes that have it.
   *
   * @param read reads one group by the settings of the optimizer
   */
  protected addOneGroup(
    group: object,
    read: (raw: RawGroup, settings: Settings) => ParamGroup,
  ): void {
    this.#machinery.addGroup(group, read);
  }

  /** Who gets which group, layer, lr scale and decay: a table for people (toString) and as data. */
  describe(): Description {
    return new Description(
      this.#machinery.rule.className,
      this.groups,
      this.#machinery.bound.entries,
      this.#machinery.bound.unmatched,
    );
  }

  /**
   * Saves all state, so that `load` goes on with the same bits: a safetensors file, which
   * docs/checkpoint.md specifies. Until the promise resolves nothing may change the state; what was
   * at the target before stays until then, and stays where saving fails.
   *
   * @param target a path or file: URL (Node, Deno, Bun), a WritableStream, a FileSystemFileHandle,
   *   `indexedDBFile(...)`
   * @throws AshlarError BUSY within a step or another save, POISONED, OUT_OF_MEMORY; TypeError for a
   *   wrong kind; what the file system says, with its code
   */
  async save(target: SaveTarget, options: SaveOptions = {}): Promise<void> {
    const { onProgress, keep } = readSaveOptions(options);
    await this.#machinery.save(() => openTarget(target, { keep }), onProgress);
  }

  /** As `save`, to bytes. */
  async toBytes(options: Pick<SaveOptions, "onProgress"> = {}): Promise<Uint8Array<ArrayBuffer>> {
    const { onProgress } = readSaveOptions(options);
    const sink = new BytesSink();
    await this.#machinery.save(async () => sink, onProgress);
    return sink.bytes;
  }

  /** As `save`, to a Blob, which browsers may keep on the disk. */
  async toBlob(options: Pick<SaveOptions, "onProgress"> = {}): Promise<Blob> {
    const { onProgress } = readSaveOptions(options);
    const sink = new BlobSink();
    await this.#machinery.save(async () => sink, onProgress);
    return sink.blob;
  }

  /**
   * SHA-256 of the state: the optimizer's step count, and of each parameter, in the order of the
   * names, its name, shape, step count, master weights, moments and model copy. The same for any
   * slabs, groups and order. Hex.
   *
   * @throws AshlarError BUSY from within a step, POISONED
   */
  digest(): string {
    return stateDigest(
      this.#look("digest"),
      this.steps,
      this.#machinery.bound.sorted,
      this.#machinery.rule.settings.model,
    );
  }

  /**
   * As digest, of each parameter alone, by name and in the order of the names: where two optimizers
   * differ, which parameters do. The optimizer's step count has no part in it.
   *
   * @throws as digest
   */
  parameterDigests(): Map<string, string> {
    const slabs = this.#look("parameterDigests");
    const { sorted } = this.#machinery.bound;
    return parameterDigests(slabs, sorted, this.#machinery.rule.settings.model);
  }

  /**
   * SHA-256 of the master weights: of each parameter its name, shape and float32 values. Hex.
   *
   * @throws as digest
   */
  weightsDigest(): string {
    return weightsDigest(this.#look("weightsDigest"), this.#machinery.bound.sorted);
  }

  /**
   * SHA-256 of what was configured: class, options, groups, schedules, and what the rules said of
   * each parameter. A function of the caller's counts only as a function. Hex.
   */
  configDigest(): string {
    this.#open();
    const { className, settings } = this.#machinery.rule;
    return configDigest(configData(className, settings, this.groups, this.#machinery.bound.sorted));
  }

  /**
   * Lets go of all memory, which is free once nobody holds a view of it, and ends the workers. Whatever
   * needs it is then an AshlarError DISPOSED; what was configured can still be read, and disposing again
   * is fine, as it is when POISONED. An optimizer of one thread that is dropped without it is collected
   * too; workers must be told.
   *
   * @throws AshlarError BUSY from within a step
   */
  dispose(): void {
    this.#machinery.dispose();
  }

  get #stepper(): Stepper {
    return this.#machinery.bound.stepper;
  }

  /** @throws AshlarError DISPOSED */
  #open(): Slabs {
    return this.#machinery.open();
  }

  /** For what takes the state for whole. @throws AshlarError BUSY within a step, DISPOSED, POISONED */
  #look(what: string): Slabs {
    this.#stepper.refuseWithin(what);
    const slabs = this.#open();
    this.#stepper.refusePoisoned(what);
    return slabs;
  }
}

/** Steps for nothing: see warmUpBlueprint. */
class Scratch extends Optimizer {
  constructor(blueprint: Blueprint) {
    super(blueprint);
  }

  warmUp(): void {
    const into = { report: this.newReport() };
    for (let i = 0; i < WARM_UP_STEPS; i++) this.step(undefined, i % 2 === 0 ? into : undefined);
  }
}
