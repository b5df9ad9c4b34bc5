import { allLanguages } from "../../language-detector/languages.ts";
import { BATCH } from "../../language-detector/train.ts";
import type { Capabilities, EvaluationFigures, FromWorker, State, ToWorker } from "../protocol.ts";
import { readClass, type UserClass } from "./classes.ts";
import type { Corpus } from "./corpus.ts";
import { DEFAULTS } from "./defaults.ts";
import { Run } from "./run.ts";
import { checkSeed, checkSteps } from "./saved-run.ts";
import { classify, describeClasses, evaluateSetup, makeSetup, type Setup } from "./setup.ts";

export interface Surroundings {
  readonly post: (message: FromWorker) => void;
  /** Lets messages come in. */
  readonly breathe: () => Promise<void>;
  readonly capabilities: Capabilities;
}

type Command<Type extends ToWorker["type"]> = Extract<ToWorker, { type: Type }>;

/**
 * What the worker does, apart from being a worker: answers the page's messages one after the other,
 * and takes steps between them.
 */
export class Session {
  readonly #corpus: Corpus;
  readonly #surroundings: Surroundings;
  #setup: Setup;
  #run: Run | null = null;
  #state: State = "idle";
  /** The start of the set-up, evaluated. */
  #before: readonly EvaluationFigures[] = [];
  /** The last of the messages that are being answered. */
  #answers: Promise<void> = Promise.resolve();
  /** Which call of #train may take steps. */
  #turn = 0;

  private constructor(corpus: Corpus, setup: Setup, surroundings: Surroundings) {
    this.#corpus = corpus;
    this.#setup = setup;
    this.#surroundings = surroundings;
  }

  /** Makes one, and tells the page that it is ready. */
  static async open(corpus: Corpus, surroundings: Surroundings): Promise<Session> {
    const setup = await makeSetup(corpus);
    const session = new Session(corpus, setup, surroundings);
    const { steps, seed, evaluateEvery, expectedDigest } = DEFAULTS;
    surroundings.post({
      type: "ready",
      languages: setup.languages,
      newLanguages: setup.newLanguages,
      twins: setup.start.twins,
      parameters: setup.parameters,
      capabilities: surroundings.capabilities,
      files: {
        train: corpus.train.length,
        validation: corpus.validation.length,
        test: corpus.test.length,
      },
      defaults: { steps, seed, batch: BATCH, evaluateEvery, expectedDigest },
    });
    session.#postStart();
    return session;
  }

  /** Resolves once the message is answered; never rejects, since errors are answers. */
  receive(message: ToWorker): Promise<void> {
    // At once, whatever is going on: it changes nothing.
    if (message.type === "classify")
      return this.#attempt("classify", () => this.#classify(message));
    this.#answers = this.#answers.then(() =>
      this.#attempt(message.type, () => this.#answer(message)),
    );
    return this.#answers;
  }

  async #answer(message: Exclude<ToWorker, Command<"classify">>): Promise<void> {
    switch (message.type) {
      case "start":
        return this.#start(message);
      case "pause":
        if (this.#state === "training") this.#become("paused");
        return;
      case "resume":
        if (this.#state === "paused") this.#go();
        return;
      case "reset":
        return this.#reset();
      case "save":
        return this.#save();
      case "load":
        return this.#load(message);
      case "addClass":
        return this.#addClass(message);
      case "removeClass":
        return this.#removeClass(message);
    }
  }

  async #start(message: Command<"start">): Promise<void> {
    this.#expectIdle("start");
    checkSeed(message.seed);
    checkSteps(message.steps);
    this.#run = await Run.start(this.#setup, message, this.#before);
    this.#go();
  }

  #reset(): void {
    this.#replaceRun(null, "idle");
    this.#postStart();
  }

  async #save(): Promise<void> {
    const run = this.#run;
    if (!run) throw new Error("there is nothing to save: start first");
    const file = await run.save();
    this.#post({
      type: "saved",
      name: `language-detector-step-${run.step}.safetensors`,
      blob: new Blob([file as Uint8Array<ArrayBuffer>], { type: "application/octet-stream" }),
      digest: run.digest(),
      step: run.step,
    });
  }

  async #load({ file, threads }: Command<"load">): Promise<void> {
    if (this.#state === "training") throw new Error("a file can't be loaded while training: pause");
    const bytes = new Uint8Array(await file.arrayBuffer());
    const makeWith = (classes: readonly UserClass[]) => makeSetup(this.#corpus, classes);
    const run = await Run.load(bytes, threads, makeWith, allLanguages(this.#corpus.model));
    this.#setup = run.setup;
    this.#postClasses();
    this.#replaceRun(run, run.isDone ? "done" : "paused");
    const { step, steps, seed, history, evaluations, plainJs } = run;
    this.#post({
      ...{ type: "loaded", step, steps, seed, plainJs, digest: run.digest() },
      ...{ history: [...history], evaluations: [...evaluations] },
    });
    if (run.isDone) this.#post(run.figuresAtEnd());
  }

  async #addClass({ name, files }: Command<"addClass">): Promise<void> {
    this.#expectIdle("add a class");
    const read = files.map((file) => ({ name: file.name, bytes: new Uint8Array(file.bytes) }));
    const added = readClass(name, read, this.#setup.languages);
    await this.#setClasses([...this.#setup.classes, added]);
  }

  async #removeClass({ name }: Command<"removeClass">): Promise<void> {
    this.#expectIdle("remove a class");
    const { classes } = this.#setup;
    if (!classes.some((one) => one.name === name)) {
      throw new RangeError(`class name: expected one that was added, got "${name}"`);
    }
    await this.#setClasses(classes.filter((one) => one.name !== name));
  }

  async #setClasses(classes: readonly UserClass[]): Promise<void> {
    this.#setup = await makeSetup(this.#corpus, classes);
    this.#postClasses();
    this.#postStart();
  }

  #classify({ id, text }: Command<"classify">): void {
    const weights = this.#run?.weights() ?? this.#setup.start.weights;
    const top = classify(this.#setup, weights, text);
    this.#post({ type: "classified", id, top, step: this.#run?.step ?? 0 });
  }

  #expectIdle(doing: string): void {
    if (this.#state === "idle") return;
    throw new Error(`can't ${doing} while a run is ${this.#state}: reset first`);
  }

  /** Begins to take steps. */
  #go(): void {
    this.#become("training");
    void this.#attempt("training", () => this.#train());
  }

  async #train(): Promise<void> {
    const turn = ++this.#turn;
    for (;;) {
      await this.#surroundings.breathe();
      // What came in may save, pause or drop the run.
      await this.#answers;
      const run = this.#run;
      if (turn !== this.#turn || this.#state !== "training" || !run) return;
      this.#step(run);
      if (run.isDone) return;
    }
  }

  #step(run: Run): void {
    try {
      const figures = run.takeStep();
      const { step, steps } = run;
      this.#post({ type: "step", steps, rates: run.rates(step), ...figures });
      if (step % DEFAULTS.evaluateEvery === 0 || run.isDone) {
        this.#post({ type: "evaluated", ...run.evaluate("validation") });
      }
      if (!run.isDone) return;
      this.#post({ type: "evaluated", ...run.evaluate("test") });
      const end = run.figuresAtEnd();
      this.#become("done");
      this.#post(end);
    } catch (error) {
      this.#become("paused");
      throw error;
    }
  }

  #replaceRun(run: Run | null, state: State): void {
    this.#run?.dispose();
    this.#run = run;
    this.#become(state);
  }

  #become(state: State): void {
    this.#state = state;
    const run = this.#run;
    this.#post({
      ...{ type: "state", state, step: run?.step ?? 0, steps: run?.steps ?? DEFAULTS.steps },
      threads: run?.threads ?? 0,
    });
  }

  /** What the weights are worth before training. */
  #postStart(): void {
    const { weights } = this.#setup.start;
    this.#before = (["validation", "test"] as const).map((split) =>
      evaluateSetup(this.#setup, weights, split, 0),
    );
    for (const figures of this.#before) this.#post({ type: "evaluated", ...figures });
  }

  #postClasses(): void {
    const { languages, newLanguages, parameters } = this.#setup;
    const added = describeClasses(this.#setup);
    this.#post({ type: "classes", added, languages, newLanguages, parameters });
  }

  #post(message: FromWorker): void {
    this.#surroundings.post(message);
  }

  /** Whatever goes wrong is told to the page. */
  async #attempt(
    doing: Extract<FromWorker, { type: "error" }>["doing"],
    work: () => void | Promise<void>,
  ): Promise<void> {
    try {
      await work();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#post({ type: "error", message, doing });
    }
  }
}
