/// <reference lib="esnext.disposable" preserve="true" />
import type { Collective } from "../collectives/collective.ts";
import { ready } from "../core/kernel.ts";
import { AshlarError } from "../errors.ts";
import type { LossScale } from "../gradients/loss-scale.ts";
import type { Blueprint } from "../optimizers/blueprint.ts";
import type { LoadReport } from "../optimizers/checkpoint/load-options.ts";
import type { LoadPlan, SavedClass } from "../optimizers/checkpoint/load-plan.ts";
import type { SaveOptions } from "../optimizers/checkpoint/save.ts";
import type { CopyTargets } from "../optimizers/copy-targets.ts";
import { Description } from "../optimizers/describe.ts";
import { disposable } from "../optimizers/disposable.ts";
import type { NamedGradients } from "../optimizers/gradient-input.ts";
import type { ParamGroup } from "../optimizers/param-group.ts";
import { NO_OPTIONS, readStepOptions, type StepOptions } from "../optimizers/step-options.ts";
import { type FilledReport, makeReport, type StepReport } from "../optimizers/step-report.ts";
import { loadShards } from "./checkpoint/load-shards.ts";
import type { ShardSource, ShardTarget } from "./checkpoint/places.ts";
import { saveShards } from "./checkpoint/save-shards.ts";
import { copyFullWeights } from "./copy-weights.ts";
import { shardedDigest, shardedWeightsDigest } from "./digests.ts";
import type { Sharding } from "./options.ts";
import type { OwnedRun } from "./owned-run.ts";
import { configDigestOf, openRun, requireCollective, type ShardedRun } from "./sharded-run.ts";
import { ShardedStepper } from "./stepper.ts";
import { together } from "./together.ts";

/**
 * The common machinery of sharded optimizers (ZeRO-1): every rank has all weights and its own
 * gradients; master weights and moments of each element are one rank's alone. Its methods that return
 * a promise are called on all ranks, in the same order.
 */
export abstract class ShardedOptimizer {
  readonly #run: ShardedRun;
  readonly #stepper: ShardedStepper;
  #disposed = false;
  #loadReport: LoadReport | null = null;
  static {
    disposable(ShardedOptimizer.prototype, Symbol.dispose);
  }
  /** As `dispose`, for `using`; where the engine has `Symbol.dispose`. */
  declare readonly [Symbol.dispose]: () => void;

  /** @throws as create, but for what ranks have to agree on */
  protected constructor(collective: Collective, blueprint: Blueprint, sharding: Sharding) {
    this.#run = openRun(collective, blueprint, sharding);
    this.#stepper = new ShardedStepper(this.#run);
  }

  /** What every `create` does: makes the core ready and the optimizer, and has the ranks agree on it. */
  protected static async agreed<Made extends ShardedOptimizer>(
    collective: Collective,
    what: string,
    make: () => Made,
  ): Promise<Made> {
    requireCollective(collective);
    const made = await together(
      collective,
      what,
      async () => {
        await ready();
        return make();
      },
      (optimizer) => optimizer.dispose(),
    );
    try {
      await made.#run.agree();
      await made.#run.shard.updateAndGather(() => {});
    } catch (cause) {
      made.dispose();
      throw cause;
    }
    return made;
  }

  /** What every `load` does: see ShardedAdamW.load. */
  protected static async loaded<Made extends ShardedOptimizer>(
    source: ShardSource,
    collective: Collective,
    options: object,
    of: SavedClass,
    make: (plan: LoadPlan, sharding: Sharding) => Made,
  ): Promise<Made> {
    const { made, report } = await loadShards(source, collective, options, of, {
      make: async (plan, sharding) => {
        await ready();
        return make(plan, sharding);
      },
      held: (optimizer) => ({ run: optimizer.#run, stepper: optimizer.#stepper }),
      dispose: (optimizer) => optimizer.dispose(),
    });
    made.#loadReport = report;
    return made;
  }

  /** This rank: 0 to size - 1. */
  get rank(): number {
    return this.#run.shard.collective.rank;
  }

  /** How many ranks there are. */
  get size(): number {
    return this.#run.shard.collective.size;
  }

  /** The param groups, in the order given. Assign rates on all ranks alike. */
  get groups(): readonly ParamGroup[] {
    return this.#run.groups;
  }

  /** Steps applied so far: the index k that schedules see next. */
  get steps(): number {
    return this.#stepper.steps;
  }

  /** The option lossScale; null without one. It moves alike on all ranks. */
  get lossScale(): LossScale | null {
    return this.#run.rule.settings.lossScale;
  }

  /** What loading found; null for an optimizer that was not loaded. */
  get loadReport(): LoadReport | null {
    return this.#loadReport;
  }

  /** Names of all parameters, in the order given. */
  get parameterNames(): string[] {
    return this.#run.entries.map(({ name }) => name);
  }

  /** What this rank owns, in the order of the parameters. */
  get shard(): OwnedRun[] {
    return this.#run.owned(this.rank);
  }

  /** Bytes of linear memory that this rank's shard takes: its masters, moments and gradients. */
  get shardBytes(): number {
    this.#open();
    return this.#run.shard.slabs.bytes;
  }

  /** Bytes of linear memory in use on this rank: its shard, and all weights and gradients. */
  get bytes(): number {
    return this.shardBytes + this.#run.shard.planes.bytes;
  }

  /**
   * A fresh view of this rank's gradient of a parameter in linear memory. Write into it, then `step()`;
   * ranks sum straight from there. It keeps its values until they are overwritten.
   *
   * @returns float32[length]
   * @throws RangeError for an unknown name
   */
  gradient(name: string): Float32Array {
    this.#open();
    const { index, length } = this.#run.entry(name);
    return this.#run.shard.planes.gradient(index, length);
  }

  /**
   * A fresh view of a parameter's weights in linear memory, all of them, as the last step left them.
   * To be read: the state is the ranks' masters.
   *
   * @returns float32[length], or where there is a 16-bit model copy uint16[length], its bits
   * @throws RangeError for an unknown name
   */
  weights(name: string): Float32Array | Uint16Array {
    this.#open();
    const { index, length } = this.#run.entry(name);
    return this.#run.shard.planes.weights(index, length);
  }

  /**
   * Applies one step, on all ranks together: sums their gradients, updates each rank's shard, and gives
   * every rank the new weights.
   *
   * Without gradients every parameter moves by what the ranks have in its view, or by what `accumulate`
   * summed. With gradients by name, only parameters move that any rank names; one that a rank leaves out
   * adds nothing there.
   *
   * Nothing is written before every rank has everything that it needs: a step that fails until then
   * changes nothing on any. Where a rank is lost later, the step is done on those that are left, and its
   * weights alone are missing: the error says which of the two it is on this rank.
   *
   * @throws TypeError, RangeError for bad gradients, on this rank; AshlarError NON_FINITE on all ranks;
   *   RankError RANKS_DIFFER where another rank refused its gradients or is at another step,
   *   RANK_LOST; AshlarError DISPOSED, BUSY, POISONED
   */
  async step(gradients?: NamedGradients, options: StepOptions = NO_OPTIONS): Promise<StepReport> {
    this.#open();
    const refusal = this.#refusalOf(options);
    const { metrics = false, report = this.newReport() } = refusal === null ? options : NO_OPTIONS;
    await this.#stepper.step(gradients, metrics, report as FilledReport, refusal);
    return report;
  }

  /** Why options are refused, which the other ranks must hear of; null where they are not. */
  #refusalOf(options: StepOptions): unknown {
    try {
      readStepOptions(options);
      return null;
    } catch (cause) {
      return cause;
    }
  }

  /** An empty report, for `step(gradients, { report })`. */
  newReport(): StepReport {
    return makeReport(this.groups);
  }

  /**
   * Adds the gradients of a micro-batch to this rank's sums, which the next `step()` adds to those of
   * the others. On this rank alone.
   *
   * @throws TypeError, RangeError for bad gradients, before any is added; AshlarError BUSY, POISONED
   */
  accumulate(gradients: NamedGradients): void {
    this.#open();
    this.#stepper.accumulate(gradients);
  }

  /** Sets this rank's gradients to zero, and forgets what `accumulate` summed. */
  zeroGradients(): void {
    this.#open();
    this.#stepper.zeroGradients();
  }

  /**
   * The metrics of the last step that was asked for them, of whole parameters, the same on all ranks;
   * null before it. docs/semantics.md, "Metrics".
   */
  metrics(): Readonly<Record<string, number>> | null {
    this.#open();
    return this.#stepper.metrics;
  }

  /**
   * Copies weights out: float32 weights into a Float32Array, the bits of a 16-bit model copy into a
   * Uint16Array.
   *
   * @throws TypeError for a target of the wrong kind; RangeError for a wrong name or length
   */
  copyTo(targets: CopyTargets): void {
    this.#open();
    this.#stepper.refuseWhileBusy("copyTo");
    copyFullWeights(this.#run, targets);
  }

  /** Who gets which group, layer, lr scale and decay: a table for people (toString) and as data. */
  describe(): Description {
    const { rule, groups, entries, unmatched } = this.#run;
    return new Description(rule.className, groups, entries, unmatched);
  }

  /**
   * Saves all state, so that `load` goes on with the same bits, on as many ranks or others: each rank
   * writes its shard, and rank 0 then an index. docs/sharded-checkpoints.md. Until the promise resolves
   * nothing may change the state. Where it rejects with the error of a rank, what was there before can
   * still be loaded; with RANK_LOST, that or the new one.
   *
   * @param target a folder that exists, by its path or file: URL (Node, Deno, Bun), or a function that
   *   says for a file's name where it goes: a stream, a FileSystemFileHandle, `indexedDBFile(...)`. All
   *   ranks' files belong in one place, or where load will find them
   * @throws AshlarError BUSY within a step or another save, and while sums of micro-batches wait;
   *   POISONED; TypeError, RangeError for options; what the file system says, with its code; RankError
   *   RANKS_DIFFER where another rank failed, RANK_LOST
   */
  async save(target: ShardTarget, options: SaveOptions = {}): Promise<void> {
    this.#open();
    const held = { run: this.#run, stepper: this.#stepper };
    await this.#stepper.whileReading("save", () => saveShards(held, target, options));
  }

  /**
   * SHA-256 of the state, on all ranks the same, and the same as that of an optimizer of one process
   * with this state. Every rank sees all of the state pass by. Hex.
   *
   * @throws RankError RANK_LOST; AshlarError BUSY, POISONED
   */
  async digest(): Promise<string> {
    this.#open();
    return this.#stepper.whileReading("digest", () => shardedDigest(this.#run, this.steps));
  }

  /** SHA-256 of the master weights, as digest. Hex. */
  async weightsDigest(): Promise<string> {
    this.#open();
    return this.#stepper.whileReading("weightsDigest", () => shardedWeightsDigest(this.#run));
  }

  /** SHA-256 of what was configured: see Optimizer.configDigest. Hex. */
  configDigest(): string {
    this.#open();
    return configDigestOf(this.#run);
  }

  /**
   * Lets go of all memory. On this rank alone: the collective stays the caller's to close.
   *
   * @throws AshlarError BUSY from within a step
   */
  dispose(): void {
    this.#stepper.refuseWhileBusy("dispose");
    if (this.#disposed) return;
    this.#disposed = true;
    this.#run.release();
  }

  /** @throws AshlarError DISPOSED */
  #open(): void {
    if (!this.#disposed) return;
    const { className } = this.#run.rule;
    throw new AshlarError(
      "DISPOSED",
      `the sharded ${className} optimizer: expected to be in use, got disposed`,
    );
  }
}
