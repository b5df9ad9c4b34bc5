import { coreInfo } from "../core/kernel.ts";
import { AshlarError, wrongKind, wrongValue } from "../errors.ts";
import { stateDigest, weightsDigest } from "../optimizers/digests.ts";
import type { Machinery } from "../optimizers/machinery.ts";
import { machineryOf, Optimizer } from "../optimizers/optimizer.ts";
import { stateChecksums } from "../optimizers/step-checks.ts";
import { AppendedFile, isFree, syncFs } from "./appended-file.ts";
import { checksums } from "./checksums.ts";
import { configurationOf } from "./configuration.ts";
import { engineName } from "./engine-name.ts";
import { isDeeper } from "./fields.ts";
import { baseName, besideLedger, isFileName } from "./file-names.ts";
import { MOST_LEVELS, type ReplayData } from "./format.ts";
import { type LedgerSink, type LedgerTarget, openLedgerTarget } from "./ledger-target.ts";
import { type LedgerSettings, type RunLedgerOptions, readLedgerOptions } from "./options.ts";
import { PACKAGE_VERSION } from "./package-version.ts";
import { Recorder } from "./recorder.ts";
import { SeededGradients } from "./seeded-gradients.ts";
import { GradientWriter } from "./write-gradients.ts";

const WHERE = "RunLedger.open";

/**
 * Records every step of an optimizer, by whatever it is taken (also by an adapter), with checksums of
 * its gradients and of the state, so that `ashlar compare` finds where two runs part. docs/ledger.md
 * has the format.
 */
export class RunLedger {
  readonly #machinery: Machinery;
  readonly #sink: LedgerSink;
  readonly #gradients: GradientWriter | null;
  readonly #recorder: Recorder;
  #closed: Promise<void> | null = null;

  private constructor(
    machinery: Machinery,
    sink: LedgerSink,
    gradients: GradientWriter | null,
    recorder: Recorder,
  ) {
    this.#machinery = machinery;
    this.#sink = sink;
    this.#gradients = gradients;
    this.#recorder = recorder;
  }

  /**
   * Begins a ledger. Every step from then on is recorded, until `close`. A file that is there is
   * refused, unless `append` goes on in it.
   *
   * @param target a path or file: URL (Node, Deno, Bun), a WritableStream, a `LedgerText`
   * @throws TypeError, RangeError for a bad argument; AshlarError BUSY for an optimizer that has an
   *   open ledger, within a step, or where a step came in between; DISPOSED, POISONED; with `replay` what `save` throws; what the file
   *   system says, with its code
   */
  static async open(
    target: LedgerTarget,
    optimizer: Optimizer,
    options: RunLedgerOptions = {},
  ): Promise<RunLedger> {
    if (!(optimizer instanceof Optimizer)) {
      throw wrongKind("optimizer", WHERE, "an optimizer of ashlar", optimizer);
    }
    const settings = readLedgerOptions(options);
    const machinery = machineryOf(optimizer);
    refuseBusy(machinery);
    const sink = openLedgerTarget(target, settings.append);
    const opened = new Opened(sink);
    try {
      const replay = await opened.prepare(optimizer, settings);
      // Another open may have come in between.
      refuseBusy(machinery);
      const { stepper } = machinery.bound;
      const configuration = configurationOf(machinery);
      if (isDeeper(configuration.options, MOST_LEVELS)) {
        const expected = `schedules and rules of at most ${MOST_LEVELS} levels`;
        throw wrongValue("optimizer", WHERE, expected, machinery.rule.className);
      }
      const recorder = new Recorder(machinery, sink, opened.gradients);
      recorder.add({
        kind: "header",
        resumed: sink.resumes,
        engine: engineName(),
        package: PACKAGE_VERSION,
        core: coreInfo(),
        threads: optimizer.threads,
        class: machinery.rule.className,
        stride: settings.stride,
        step: stepper.steps,
        ...configuration,
        replay,
        note: settings.note,
      });
      recorder.drain();
      if (recorder.failure) throw recorder.failure;
      stepper.watch(recorder, settings.stride);
      return new RunLedger(machinery, sink, opened.gradients, recorder);
    } catch (error) {
      opened.discard();
      throw error;
    }
  }

  /** Lines so far, the header included. Of a file that is gone on with, those of this ledger. */
  get lines(): number {
    return this.#recorder.lines;
  }

  /**
   * Writes what waits: lines are written some 64 kB at a time. Files are on the disk when it resolves.
   *
   * @throws what went wrong with any write so far: `step` never throws it, and nothing is recorded
   *   after it
   */
  async flush(): Promise<void> {
    if (this.#closed) return this.#closed;
    this.#recorder.drain();
    if (this.#recorder.failure) throw this.#recorder.failure;
    await this.#sink.flush();
    this.#gradients?.flush();
  }

  /**
   * Writes the last line, with the digests of the state and of the weights, and ends the recording.
   * Closing again is fine.
   *
   * @throws as flush; AshlarError DISPOSED where the optimizer was disposed before: the ledger is
   *   closed then, without its last line, as it is where it is POISONED; AshlarError BUSY within a
   *   step, but for its closure
   */
  async close(): Promise<void> {
    if (!this.#closed) {
      this.#machinery.bound.stepper.refuseWithin("close of the run ledger");
      this.#closed = this.#end();
    }
    return this.#closed;
  }

  async #end(): Promise<void> {
    const { stepper } = this.#machinery.bound;
    let failure: unknown = null;
    const also = async (act: () => unknown) => {
      try {
        await act();
      } catch (error) {
        failure ??= error;
      }
    };
    if (stepper.watcher === this.#recorder) stepper.watch(null, 0);
    await also(() => this.#addEnd());
    this.#recorder.drain();
    failure = this.#recorder.failure ?? failure;
    await also(() => this.#sink.close());
    await also(() => this.#gradients?.close());
    if (failure) throw failure;
  }

  /** Synchronous: a step would come in between. */
  #addEnd(): void {
    const { rule, bound } = this.#machinery;
    try {
      this.#machinery.open();
    } catch (cause) {
      throw new AshlarError(
        "DISPOSED",
        `close of the run ledger: expected the ${rule.className} optimizer to be in use, got ` +
          "disposed. The ledger has all steps, but no last line with the digests",
        { cause },
      );
    }
    const { slabs, sorted, stepper } = bound;
    stepper.refusePoisoned("close of the run ledger");
    this.#recorder.add({
      kind: "end",
      step: stepper.steps,
      state: checksums(stateChecksums(slabs, sorted)),
      weights: weightsDigest(slabs, sorted),
      digest: stateDigest(slabs, stepper.steps, sorted, rule.settings.model),
    });
  }
}

/** @throws AshlarError DISPOSED, BUSY, POISONED */
function refuseBusy(machinery: Machinery): void {
  machinery.open();
  const { stepper } = machinery.bound;
  stepper.refuseWhileBusy(WHERE);
  stepper.refusePoisoned(WHERE);
  if (stepper.watcher === null) return;
  throw new AshlarError(
    "BUSY",
    `${WHERE}: expected an optimizer without an open ledger, got one that has one. Close that first`,
  );
}

/** The files of a ledger that is being opened. */
class Opened {
  readonly #sink: LedgerSink;
  #gradientFile: AppendedFile | null = null;
  /** The checkpoint that a replay begins with. */
  #start: string | null = null;
  gradients: GradientWriter | null = null;

  constructor(sink: LedgerSink) {
    this.#sink = sink;
  }

  /** Saves what a replay begins with. */
  async prepare(optimizer: Optimizer, { replay }: LedgerSettings): Promise<ReplayData | null> {
    if (replay === false) return null;
    const { path, separator } = this.#sink;
    if (path === null) {
      if (replay instanceof SeededGradients) return { start: null, gradients: replay.data };
      const expected = "a path as the target, beside which gradients can be kept";
      throw wrongValue("replay", WHERE, expected, replay);
    }
    const { start, gradients } = besideLedger(path, isFree);
    if (!isFileName(baseName(start, separator))) {
      const expected = "a file name without backslashes, colons and control characters, for replay";
      throw wrongValue("target", WHERE, expected, path);
    }
    if (replay === true) {
      this.#gradientFile = AppendedFile.open(gradients);
      this.gradients = new GradientWriter(this.#gradientFile);
    }
    const { bound } = machineryOf(optimizer);
    const before = checksums(stateChecksums(bound.slabs, bound.sorted)).total;
    await optimizer.save(start);
    this.#start = start;
    const now = machineryOf(optimizer).bound;
    const after = checksums(stateChecksums(now.slabs, now.sorted)).total;
    if (before !== after) {
      throw new AshlarError(
        "BUSY",
        `${WHERE}: expected the state to stay as it is until it resolves, got a change`,
      );
    }
    return {
      start: baseName(start, separator),
      gradients: replay === true ? baseName(gradients, separator) : replay.data,
    };
  }

  discard(): void {
    this.#sink.discard();
    this.#gradientFile?.discard();
    if (this.#start === null) return;
    try {
      syncFs().unlinkSync(this.#start);
    } catch {
      // The first error says more.
    }
  }
}
