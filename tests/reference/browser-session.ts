import type { Corpus } from "../../examples/browser/engine/corpus.ts";
import { Session } from "../../examples/browser/engine/session.ts";
import type { FromWorker, ToWorker } from "../../examples/browser/protocol.ts";
import { loadSamples, type Samples } from "../../examples/language-detector/files.ts";
import { loadPretrained } from "../../examples/language-detector/model.ts";
import type { PretrainedModel } from "../../examples/language-detector/model-format.ts";

type Message<Type extends FromWorker["type"]> = Extract<FromWorker, { type: Type }>;

/** The real model, and a few of the real files of each language. */
export function smallCorpus(): Samples & { readonly model: PretrainedModel } {
  const { train, validation, test } = loadSamples();
  const every = <T>(n: number, files: readonly T[]) => files.filter((_, i) => i % n === 0);
  return {
    model: loadPretrained(),
    train: every(9, train),
    validation: every(12, validation),
    test: every(24, test),
  };
}

/** A session without a worker around it: what it says is collected. */
export class TestSession {
  readonly said: FromWorker[] = [];
  #session: Session | undefined;
  #onMessage = () => {};

  static async open(corpus: Corpus): Promise<TestSession> {
    const test = new TestSession();
    test.#session = await Session.open(corpus, {
      post: (message) => {
        test.said.push(message);
        test.#onMessage();
      },
      breathe: () => new Promise((resolve) => setImmediate(resolve)),
      capabilities: { isolated: false, cores: 1, autoThreads: 1 },
    });
    return test;
  }

  /** Tells it something; what it said before is forgotten. @returns the answer */
  async tell(message: ToWorker): Promise<readonly FromWorker[]> {
    this.said.length = 0;
    await this.#session?.receive(message);
    return [...this.said];
  }

  /** The first message of a type that fits, now or later. An error is a failure. */
  until<Type extends FromWorker["type"]>(
    type: Type,
    fits: (message: Message<Type>) => boolean = () => true,
  ): Promise<Message<Type>> {
    return new Promise((resolve, reject) => {
      this.#onMessage = () => {
        const found = this.said.find(
          (one): one is Message<Type> => one.type === type && fits(one as Message<Type>),
        );
        const error = this.find("error");
        if (found) resolve(found);
        else if (error) reject(new Error(`${error.doing}: ${error.message}`));
        else return;
        this.#onMessage = () => {};
      };
      this.#onMessage();
    });
  }

  find<Type extends FromWorker["type"]>(type: Type): Message<Type> | undefined {
    return this.said.find((one): one is Message<Type> => one.type === type);
  }

  /** Pauses after a step, and saves. */
  async saveAfter(step: number): Promise<Message<"saved">> {
    await this.until("step", (taken) => taken.step >= step);
    await this.tell({ type: "pause" });
    await this.tell({ type: "save" });
    return this.until("saved");
  }
}
