import { AdamW } from "ashlar";
import { Random } from "../../common/random.ts";
import { modelWeights } from "../../language-detector/model-weights.ts";
import { LAYERS, type Layers, layerShapes } from "../../language-detector/network.ts";
import { groupOf, layerRule, makeOptimizer, schedule } from "../../language-detector/optimizer.ts";
import { Rival } from "../../language-detector/rival.ts";
import { Sampler } from "../../language-detector/sampler.ts";
import { takeStep } from "../../language-detector/train.ts";
import type { EvaluationFigures, FromWorker, ParameterRate, StepFigures } from "../protocol.ts";
import { restoreClasses, saveClasses, type UserClass } from "./classes.ts";
import { DEFAULTS, FIXED } from "./defaults.ts";
import { addRunData, readRunData } from "./run-file.ts";
import { readSavedRun, type SavedRun } from "./saved-run.ts";
import { evaluateSetup, type Setup } from "./setup.ts";

export type Threads = number | "auto";

export interface RunOptions {
  readonly seed: number;
  readonly steps: number;
  readonly threads: Threads;
  readonly plainJs: boolean;
}

/** One run of training, from its first step or from a file on. */
export class Run {
  readonly setup: Setup;
  readonly seed: number;
  readonly steps: number;
  readonly plainJs: boolean;
  readonly history: StepFigures[] = [];
  readonly evaluations: EvaluationFigures[] = [];
  readonly weights: () => Layers;
  readonly #optimizer: AdamW;
  readonly #sampler: Sampler;
  readonly #rival: Rival | null;
  /** Step that the rival began with. */
  readonly #rivalSince: number;

  private constructor(
    optimizer: AdamW,
    setup: Setup,
    { seed, steps, plainJs }: Omit<RunOptions, "threads">,
  ) {
    this.setup = setup;
    this.seed = seed;
    this.steps = steps;
    this.plainJs = plainJs;
    this.weights = modelWeights(optimizer, FIXED.precision);
    this.#optimizer = optimizer;
    this.#sampler = new Sampler(setup.train, setup.languages, new Random(seed));
    this.#rival = plainJs ? new Rival(optimizer, steps, FIXED.precision) : null;
    this.#rivalSince = optimizer.steps;
  }

  /** @param before what the weights are worth before training */
  static async start(
    setup: Setup,
    options: RunOptions,
    before: readonly EvaluationFigures[],
  ): Promise<Run> {
    const { steps, threads } = options;
    const { weights, shape } = setup.start;
    const optimizer = await makeOptimizer(weights, shape, { ...FIXED, steps, threads });
    const run = new Run(optimizer, setup, options);
    run.evaluations.push(...before);
    return run;
  }

  /**
   * Goes on from a file of `save`.
   *
   * @param makeSetup of the classes in the file
   * @param known classes that the model has without the user
   * @throws CheckpointError, RangeError for a file that is damaged or not the page's
   */
  static async load(
    file: Uint8Array,
    threads: Threads,
    makeSetup: (classes: readonly UserClass[]) => Promise<Setup>,
    known: readonly string[],
  ): Promise<Run> {
    // First: it checks every byte of the file.
    const optimizer = await AdamW.load(file, { lrScale: layerRule(FIXED.layerDecay), threads });
    try {
      const { run, files } = readRunData(file);
      const saved = readSavedRun(run);
      const setup = await makeSetup(restoreClasses(saved.classes, files, known));
      checkParameters(optimizer, setup);
      checkProgress(optimizer, saved);
      const loaded = new Run(optimizer, setup, saved);
      loaded.#sampler.state = saved.sampler;
      loaded.history.push(...saved.history);
      loaded.evaluations.push(...saved.evaluations);
      return loaded;
    } catch (error) {
      optimizer.dispose();
      throw error;
    }
  }

  /** Steps done. */
  get step(): number {
    return this.#optimizer.steps;
  }
  get threads(): number {
    return this.#optimizer.threads;
  }
  get isDone(): boolean {
    return this.step >= this.steps;
  }

  /** Whether everyone who makes this run gets the same digest. */
  get #isDefault(): boolean {
    const { seed, steps, setup } = this;
    return seed === DEFAULTS.seed && steps === DEFAULTS.steps && setup.classes.length === 0;
  }

  takeStep(): StepFigures {
    const taken = takeStep(
      {
        ...{ optimizer: this.#optimizer, rival: this.#rival, sampler: this.#sampler },
        ...{ network: this.setup.network, weights: this.weights },
      },
      this.step,
    );
    const figures = {
      step: this.step,
      loss: taken.loss,
      gradientMs: 1000 * taken.gradientSeconds,
      optimizerMs: 1000 * taken.optimizerSeconds,
      plainJsMs: this.#rival ? 1000 * taken.plainJsOptimizerSeconds : null,
    };
    this.history.push(figures);
    return figures;
  }

  /** Rates of a step that was taken, each layer's share included. @param step counted from 1 */
  rates(step: number): ParameterRate[] {
    return this.setup.parameters.map(({ name, lrScale }, i) => ({
      name,
      lr: schedule(groupOf(LAYERS[i]), this.steps)(step - 1) * lrScale,
    }));
  }

  evaluate(split: EvaluationFigures["split"]): EvaluationFigures {
    const figures = evaluateSetup(this.setup, this.weights(), split, this.step);
    this.evaluations.push(figures);
    return figures;
  }

  digest(): string {
    return this.#optimizer.weightsDigest();
  }

  /** What is told of it when it has come to its end. */
  figuresAtEnd(): Extract<FromWorker, { type: "done" }> {
    const digest = this.digest();
    const expectedDigest = this.#isDefault ? DEFAULTS.expectedDigest : null;
    return {
      ...{ type: "done", digest, expectedDigest, plainJsDistance: this.#plainJsDistance() },
      same: expectedDigest === null ? null : digest === expectedDigest,
    };
  }

  /** Largest distance between two weights; null where plain JavaScript took no step. */
  #plainJsDistance(): number | null {
    if (!this.#rival || this.step === this.#rivalSince) return null;
    return this.#rival.distanceTo(this.#optimizer);
  }

  /** A file to go on from, with the same bits. */
  async save(): Promise<Uint8Array> {
    const { saved: classes, bytes: files } = saveClasses(this.setup.classes);
    const { seed, steps, plainJs, history, evaluations } = this;
    const run: SavedRun = {
      ...{ version: 1, seed, steps, plainJs, classes, history, evaluations },
      ...{ sampler: this.#sampler.state, digest: this.digest() },
    };
    return addRunData(await this.#optimizer.toBytes(), { run, files });
  }

  dispose(): void {
    this.#optimizer.dispose();
  }
}

function checkParameters(optimizer: AdamW, { start }: Setup): void {
  const shapes = layerShapes(start.shape);
  const names = [...optimizer.parameterNames].sort().join(" ");
  const expected = [...LAYERS].sort().join(" ");
  if (names !== expected) {
    throw new RangeError(`parameters of the file: expected ${expected}, got ${names}`);
  }
  for (const name of LAYERS) {
    const [got, shape] = [optimizer.parameter(name).shape.join(" x "), shapes[name].join(" x ")];
    if (got !== shape) throw new RangeError(`"${name}" of the file: expected ${shape}, got ${got}`);
  }
}

function checkProgress(optimizer: AdamW, { steps, history, digest }: SavedRun): void {
  if (optimizer.steps > steps || history.length !== optimizer.steps) {
    throw new RangeError(
      `steps of the file: expected ${history.length} of ${steps}, got ${optimizer.steps}`,
    );
  }
  const got = optimizer.weightsDigest();
  if (got !== digest) {
    throw new RangeError(`digest of the file's weights: expected ${digest}, got ${got}`);
  }
}
