import type { Optimizer as AshlarOptimizer } from "../../optimizers/optimizer.ts";
import type { StepReport } from "../../optimizers/step-report.ts";
import { readConfig, writeConfig } from "./config.ts";
import { readVariableGradients } from "./gradients.ts";
import { MEMBERS, type Member, readMemberOptions } from "./members.ts";
import type { NamedTensor, Operations, VariableGradients } from "./tensorflow.ts";
import { Training } from "./training.ts";

/** What an optimizer of TensorFlow.js has besides, where its steps are ashlar's. */
export interface AshlarMembers {
  /** The optimizer behind it: groups, describe(), digest(), save(). null before the first step. */
  readonly ashlar: AshlarOptimizer | null;
  /** What the last step did; null before the first. */
  readonly report: StepReport | null;
  /**
   * Reads the variables again at the next step. `assign`, `setWeights` and `loadWeights` are noticed
   * without it; a write into the array of a tensor is not.
   */
  syncWeights(): void;
  /** Lets go of loaded state whose variables have not come, and returns its names. */
  forgetUnused(): string[];
}

type Made = new (options: object) => object;
type Classes = Readonly<Record<keyof typeof MEMBERS, Made>>;

const made = new WeakMap<Operations, Classes>();

/** The classes for a TensorFlow.js, made and registered for loading models once. */
export function classesOf(tf: Operations): Classes {
  const known = made.get(tf);
  if (known) return known;
  const { ADAMW, ADAMW_DL, MINDFORMERS, DECOUPLED } = MEMBERS;
  const classes = {
    ADAMW: makeClass(tf, ADAMW),
    ADAMW_DL: makeClass(tf, ADAMW_DL),
    MINDFORMERS: makeClass(tf, MINDFORMERS),
    DECOUPLED: makeClass(tf, DECOUPLED),
  };
  made.set(tf, classes);
  return classes;
}

/** In place of options: a config, which a file may hold. */
class FromConfig {
  readonly options: object;
  constructor(options: object) {
    this.options = options;
  }
}

function makeClass(tf: Operations, member: Member): Made {
  const { className } = member;
  class Adapted extends tf.Optimizer implements AshlarMembers {
    static get className(): string {
      return className;
    }

    /** Called by whoever loads a model, and not as a method. */
    static fromConfig(cls: unknown, config: { ashlar?: unknown }): object {
      const options = readConfig(tf, config?.ashlar, `the config of ${className}`);
      return new (cls as typeof Adapted)(new FromConfig(options));
    }

    readonly #training: Training;
    readonly #read: ReturnType<typeof readMemberOptions>;
    #report: StepReport | null = null;

    constructor(given: object) {
      super();
      const fromFile = given instanceof FromConfig;
      this.#read = readMemberOptions(member, fromFile ? given.options : given);
      this.#training = new Training(tf, member, this.#read, fromFile);
      this.iterations_ = 0;
    }

    get ashlar() {
      return this.#training.optimizer;
    }

    get report() {
      return this.#report;
    }

    applyGradients(gradients: VariableGradients): void {
      this.#report = this.#training.apply(readVariableGradients(tf, gradients)) ?? this.#report;
      this.#count();
    }

    #count(): void {
      this.iterations_ = this.ashlar?.steps ?? 0;
    }

    override async getWeights(): Promise<NamedTensor[]> {
      const arrays = await this.#training.arrays();
      const tensors = arrays.map(({ name, shape, values }) => {
        const dtype = values instanceof Int32Array ? "int32" : "float32";
        return { name, tensor: tf.tensor(values, [...shape], dtype) };
      });
      return [await this.saveIterations(), ...tensors];
    }

    override async setWeights(weights: NamedTensor[]): Promise<void> {
      // Those of a model that was saved before its first step: nothing, or the count alone.
      const [, ...rest] = weights;
      const arrays = await Promise.all(
        rest.map(async ({ name, tensor }) => {
          const data = await tensor.data();
          // The tensors are gone once this resolves, and the cpu backend lends its own arrays.
          const values = tensor.dtype === "int32" ? Int32Array.from(data) : Float32Array.from(data);
          return { name, shape: tensor.shape, values };
        }),
      );
      await this.#training.restore(arrays);
      this.#report = null;
      this.#count();
    }

    getConfig(): { ashlar: string } {
      return { ashlar: writeConfig(tf, this.#read) };
    }

    syncWeights(): void {
      this.#training.forgetWeights();
    }

    forgetUnused(): string[] {
      return this.#training.forgetUnused();
    }

    override dispose(): void {
      this.#training.dispose();
    }
  }
  tf.serialization.registerClass(Adapted);
  return Adapted;
}
