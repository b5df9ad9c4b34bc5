import type { Slabs } from "../core/slabs.ts";
import { AshlarError, show, wrongValue } from "../errors.ts";
import { inNameOrder } from "../parameters/name-order.ts";
import { digestData } from "../state/digest.ts";
import type { Blueprint } from "./blueprint.ts";
import { configData } from "./config.ts";
import { type CopyTargets, copyWeights } from "./copy-weights.ts";
import { Description } from "./describe.ts";
import { stateDigest, weightsDigest } from "./digests.ts";
import { bindParameters, type Entry } from "./entry.ts";
import { findBadGradient } from "./find-bad-gradient.ts";
import { type NamedGradients, readGradients, writeGradient } from "./gradient-input.ts";
import { openSlabs } from "./open-slabs.ts";
import type { ParamGroup } from "./param-group.ts";
import { ParameterView } from "./parameter-view.ts";
import type { StepReport } from "./step-report.ts";
import { fillTable, findOverflows, globalNorm, NO_OVERFLOWS } from "./step-table.ts";

/**
 * The common machinery of the AdamW family: named parameters over slabs of linear memory, and one
 * step at a time through the kernel. Subclasses turn their options into a Blueprint.
 */
export abstract class Optimizer {
  /** The param groups, in the order given. */
  readonly groups: readonly ParamGroup[];
  readonly #rule: Pick<Blueprint, "className" | "settings" | "scalars">;
  readonly #entries: readonly Entry[];
  readonly #sorted: readonly Entry[];
  readonly #byName: ReadonlyMap<string, Entry>;
  readonly #unmatched: readonly string[];
  readonly #model16: boolean;
  #slabs: Slabs | null;
  #steps = 0;
  #stepping = false;
  #poison: string | null = null;

  protected constructor(blueprint: Blueprint) {
    const { className, members, settings, scalars } = blueprint;
    const { entries, unmatched } = bindParameters(members, settings);
    this.groups = Object.freeze(members.map(({ group }) => group));
    // Not the members: they hold the caller's initial data.
    this.#rule = { className, settings, scalars };
    this.#entries = entries;
    this.#sorted = inNameOrder(entries);
    this.#byName = new Map(entries.map((entry) => [entry.name, entry]));
    this.#unmatched = unmatched;
    this.#model16 = settings.model !== "float32";
    this.#slabs = openSlabs(entries, members, settings);
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
    return new ParameterView(this.#entry(name), this.#model16, () => this.#open());
  }

  /**
   * A fresh view of a parameter's gradient in linear memory. Write into it, then `step()`.
   * It keeps its values until they are overwritten; `zeroGradients()` clears all.
   *
   * @throws RangeError for an unknown name, and for a parameter split over slabs
   */
  gradient(name: string): Float32Array<ArrayBuffer> {
    return this.parameter(name).gradient;
  }

  zeroGradients(): void {
    const slabs = this.#open();
    for (const { index } of this.#entries) {
      for (const part of slabs.partsOf(index)) slabs.floats(part, "grad").fill(0);
    }
  }

  /**
   * Applies one step.
   *
   * Without an argument every parameter moves by the gradient in its view. With gradients by name
   * only the named parameters move; the others, and those given null, are untouched and their own
   * step counts stand still. The arrays are copied, in the order of the parameters: a view of this
   * optimizer's own gradients may stand for its own parameter only.
   *
   * Everything is checked before the first byte of state is written: a refused step changes nothing
   * but the gradient views.
   *
   * @throws TypeError, RangeError for bad gradients or a schedule's bad value; AshlarError
   *   NON_FINITE (by the option nonFinite), DISPOSED, BUSY, POISONED
   */
  step(gradients?: NamedGradients): StepReport {
    const slabs = this.#open();
    this.#refuseWithinStep("step");
    if (this.#poison) {
      throw new AshlarError("POISONED", `step: expected whole state, got ${this.#poison}`);
    }
    this.#stepping = true;
    try {
      if (gradients === undefined) return this.#stepOf(slabs, this.#entries);
      const named = readGradients(gradients, this.#byName);
      for (const one of named) writeGradient(slabs, one);
      return this.#stepOf(
        slabs,
        named.map(({ entry }) => entry),
      );
    } finally {
      this.#stepping = false;
    }
  }

  #stepOf(slabs: Slabs, active: readonly Entry[]): StepReport {
    const { settings } = this.#rule;
    const { groups } = this;
    const lr = fillTable(slabs, this.#rule, groups, this.#entries, active, this.#steps);
    const look = settings.nonFinite !== "allow";
    if (look || settings.gradNorm) slabs.scan();
    const nonFinite = look ? findBadGradient(slabs, active) : null;
    if (nonFinite && settings.nonFinite === "throw") {
      const { parameter, index, value } = nonFinite;
      throw new AshlarError(
        "NON_FINITE",
        `"gradient[${index}]" of parameter ${show(parameter)}: expected a finite number of at most ` +
          `2^63, got ${value}. Nothing was changed; nonFinite: "skip" skips such steps`,
      );
    }
    const gradNorm = settings.gradNorm ? globalNorm(slabs, this.#sorted, active) : null;
    if (nonFinite) {
      return {
        step: this.#steps,
        applied: false,
        gradNorm,
        lr,
        nonFinite,
        overflowed: NO_OVERFLOWS,
      };
    }
    this.#apply(slabs, active);
    const overflowed = this.#model16 ? findOverflows(slabs, active) : NO_OVERFLOWS;
    return { step: this.#steps, applied: true, gradNorm, lr, nonFinite, overflowed };
  }

  #apply(slabs: Slabs, active: readonly Entry[]): void {
    try {
      slabs.step();
    } catch (cause) {
      this.#poison = `a failure inside step ${this.#steps + 1}: ${(cause as Error).message}`;
      throw new AshlarError("POISONED", `step: expected to finish, got ${this.#poison}`, { cause });
    }
    for (const entry of active) entry.t++;
    this.#steps++;
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
