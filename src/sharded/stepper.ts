import { AshlarError, RankError } from "../errors.ts";
import type { Active } from "../optimizers/active.ts";
import type { NamedGradients } from "../optimizers/gradient-input.ts";
import { namedMetrics } from "../optimizers/named-metrics.ts";
import { makeContext, type StepContext } from "../optimizers/run-step.ts";
import type { FilledReport } from "../optimizers/step-report.ts";
import type { BlockTable } from "./block-table.ts";
import { isOfAll, lost } from "./failures.ts";
import { type Brought, LocalGradients } from "./local-gradients.ts";
import { applyStep, prepareStep } from "./run-step.ts";
import type { ShardedRun } from "./sharded-run.ts";
import { exchangeHeaders, type StepAgreement } from "./step-header.ts";

/** Applies steps to a sharded optimizer, one at a time, and counts them. */
export class ShardedStepper {
  readonly #run: ShardedRun;
  readonly #gradients: LocalGradients;
  readonly #all: readonly Active[];
  readonly #sorted: readonly Active[];
  readonly #context: StepContext;
  #steps = 0;
  /** What is at work, for messages. */
  #running: string | null = null;
  #poison: string | null = null;
  #metrics: Readonly<Record<string, number>> | null = null;

  constructor(run: ShardedRun) {
    const { entries, sorted, groups, rule, shard } = run;
    const { slabs, planes } = shard;
    this.#run = run;
    this.#gradients = new LocalGradients(entries, rule.settings.gradients, planes);
    this.#context = makeContext(slabs, rule, groups, entries, sorted);
    this.#all = this.#context.actives;
    this.#sorted = this.#context.ordered;
  }

  /** Steps applied so far. */
  get steps(): number {
    return this.#steps;
  }

  /** Micro-batches that wait in this rank's sums. */
  get microBatches(): number {
    return this.#gradients.microBatches;
  }

  /** The metrics of the last measured step. */
  get metrics(): Readonly<Record<string, number>> | null {
    return this.#metrics;
  }

  /** Goes on after so many steps. */
  restore(steps: number): void {
    this.#steps = steps;
  }

  /** @throws AshlarError BUSY while a step, a digest or a save runs; POISONED */
  refuseWhileBusy(what: string): void {
    if (this.#running === null) return;
    throw new AshlarError(
      "BUSY",
      `${what}: expected nothing to run, got a call before ${this.#running} was done. Await it first`,
    );
  }

  /** Keeps the state as it is while it is read. @throws AshlarError BUSY, POISONED */
  async whileReading<Result>(what: string, read: () => Promise<Result>): Promise<Result> {
    this.#begin(what);
    try {
      return await read();
    } finally {
      this.#running = null;
    }
  }

  accumulate(gradients: NamedGradients): void {
    this.#refuse("accumulate");
    this.#gradients.accumulate(gradients);
  }

  zeroGradients(): void {
    this.#refuse("zeroGradients");
    this.#gradients.clear();
    this.#run.shard.planes.zeroGradients();
  }

  /**
   * See ShardedOptimizer.step; fills the report.
   *
   * @param refusal why this rank can't take the step, if it can't
   */
  async step(
    input: NamedGradients | undefined,
    measured: boolean,
    report: FilledReport,
    refusal: unknown,
  ): Promise<void> {
    this.#begin("step");
    try {
      await this.#step(input, measured, report, refusal);
    } finally {
      this.#running = null;
    }
  }

  async #step(
    input: NamedGradients | undefined,
    measured: boolean,
    report: FilledReport,
    refusal: unknown,
  ): Promise<void> {
    const { shard, entries, sharding } = this.#run;
    const context = this.#context;
    context.k = this.#steps;
    context.measured = measured;
    context.metrics = null;
    const agreement = await this.#agree(input, measured, refusal);
    this.#choose(agreement);
    const divisor = sharding.average ? agreement.microBatches : 1;
    let applies: boolean;
    let room: BlockTable | null;
    try {
      room = measured ? shard.roomForMetrics() : null;
      applies = await prepareStep(shard, context, entries, report, divisor);
    } catch (cause) {
      await this.#leaveUnless(isOfAll(cause));
      throw lost(cause, `step ${context.k + 1}`, "Nothing was changed on this rank");
    }
    if (applies) await this.#apply(report, room);
    else this.#gradients.clear();
  }

  /** Takes what this rank was given and tells the others, also where it is refused. */
  async #agree(
    input: NamedGradients | undefined,
    measured: boolean,
    why: unknown,
  ): Promise<StepAgreement> {
    const { shard } = this.#run;
    const context = this.#context;
    let brought: Brought = { present: new Uint8Array(this.#all.length), microBatches: 0 };
    let refusal = why;
    try {
      if (refusal === null) {
        for (const rates of context.rates) rates.read(context.k);
        brought = this.#gradients.take(input);
      }
    } catch (cause) {
      refusal = cause;
    }
    let agreement: StepAgreement;
    try {
      agreement = await exchangeHeaders(shard.collective, {
        k: context.k,
        refused: refusal !== null,
        measured,
        ...brought,
        agreed: this.#agreed(),
      });
    } catch (cause) {
      throw refusal ?? lost(cause, `step ${context.k + 1}`, "Nothing was changed on this rank");
    }
    if (refusal !== null) throw refusal;
    this.#gradients.fillAbsent(brought, agreement.present);
    return agreement;
  }

  /** What the state would differ by, where ranks went on with other values of it. */
  #agreed(): (readonly [what: string, value: number])[] {
    const { lossScale } = this.#run.rule.settings;
    return [
      ["loss scale", lossScale?.scale ?? 1],
      ...this.#context.rates.flatMap(
        ({ group, lr, weightDecay }): (readonly [string, number])[] => [
          [`lr of ${group.where}`, lr],
          [`weightDecay of ${group.where}`, weightDecay],
          [`betas[0] of ${group.where}`, group.beta1],
          [`betas[1] of ${group.where}`, group.beta2],
          [`eps of ${group.where}`, group.eps],
        ],
      ),
    ];
  }

  #choose({ present }: StepAgreement): void {
    const takesPart = ({ entry }: Active) => present[entry.index] === 1;
    this.#context.actives = this.#all.filter(takesPart);
    this.#context.ordered = this.#sorted.filter(takesPart);
    for (const active of this.#context.actives) active.begin();
  }

  async #apply(report: FilledReport, room: BlockTable | null): Promise<void> {
    const { shard, rule } = this.#run;
    const context = this.#context;
    // Until it is applied: an engine may give up in the middle of it.
    this.#poison = `a failure inside step ${context.k + 1}`;
    try {
      await applyStep(shard, context, report, room, () => {
        this.#steps = context.k + 1;
        for (const { entry } of context.actives) entry.t++;
        // Whatever becomes of the others: taken again, these would count twice.
        this.#gradients.clear();
        if (rule.settings.zeroGradients) shard.planes.zeroGradients();
        this.#poison = null;
      });
    } catch (cause) {
      await this.#leaveUnless(cause instanceof RankError);
      throw lost(
        cause,
        `step ${context.k + 1}`,
        "This rank's shard has taken it, but the lost rank's weights may be those of the step before",
      );
    }
    if (context.metrics) this.#metrics = namedMetrics(context.metrics, context.actives);
  }

  /** What fails on this rank alone, in the middle of a step, would let the others wait for ever. */
  async #leaveUnless(known: boolean): Promise<void> {
    if (!known) await this.#run.shard.collective.close();
  }

  #begin(what: string): void {
    this.#refuse(what);
    this.#running = what;
  }

  #refuse(what: string): void {
    this.refuseWhileBusy(what);
    if (this.#poison === null) return;
    throw new AshlarError(
      "POISONED",
      `${what}: expected whole state, got ${this.#poison}. Load the last checkpoint`,
    );
  }
}
