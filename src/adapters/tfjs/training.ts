import { AshlarError, mismatch, show } from "../../errors.ts";
import type { Optimizer } from "../../optimizers/optimizer.ts";
import type { StepReport } from "../../optimizers/step-report.ts";
import type { Dtype } from "../../parameters/parameter.ts";
import { assignGroups } from "../groups.ts";
import { heldByFunctions } from "./config.ts";
import type { VariableGradient } from "./gradients.ts";
import type { GroupGiven, Member, ReadOptions } from "./members.ts";
import { matchSaved, type Named } from "./names.ts";
import { checkpointOf, type StateArray, stateArrays } from "./state.ts";
import type { Operations } from "./tensorflow.ts";
import { valuesOf } from "./tensors.ts";
import { type BoundVariable, holdsModel, readWeights, writeWeights } from "./weights.ts";

type Spec = Named & { readonly data: Float32Array };

/** The optimizer of ashlar's behind one of TensorFlow.js, which is made when variables are known. */
export class Training {
  readonly #tf: Operations;
  readonly #member: Member;
  readonly #read: ReadOptions;
  /** Whether the options are a file's, and so may be older than its state. */
  readonly #fromFile: boolean;
  readonly #bound = new Map<string, BoundVariable>();
  #optimizer: Optimizer | null = null;
  #model: Dtype;
  /** Parameters that were loaded and that no variable is yet. */
  #unused: Named[] = [];
  #isDisposed = false;

  constructor(tf: Operations, member: Member, read: ReadOptions, fromFile: boolean) {
    this.#tf = tf;
    this.#member = member;
    this.#read = read;
    this.#fromFile = fromFile;
    const { precision } = read.options as { precision?: { model?: Dtype } };
    this.#model = precision?.model ?? "float32";
  }

  get optimizer(): Optimizer | null {
    return this.#optimizer;
  }

  /** One step. Gradients that are not there leave their variables as they are. */
  apply(gradients: readonly VariableGradient[]): StepReport | null {
    this.#refuseDisposed();
    if (gradients.length === 0) return null;
    this.#meet(gradients);
    const optimizer = this.#optimizer as Optimizer;
    const bound = gradients.map(({ name }) => this.#bound.get(name) as BoundVariable);
    readWeights(
      this.#tf,
      optimizer,
      bound.filter(({ variable, dataId }) => variable.dataId !== dataId),
    );
    const report = optimizer.step(
      Object.fromEntries(
        gradients.map(({ gradient }, index) => [
          bound[index].parameter,
          valuesOf(this.#tf, gradient),
        ]),
      ),
    );
    if (report.applied) writeWeights(this.#tf, optimizer, this.#model, bound);
    return report;
  }

  /** Finds the parameters of variables, and adds those of variables that are new. */
  #meet(gradients: readonly VariableGradient[]): void {
    for (const { name, variable } of gradients) {
      const bound = this.#bound.get(name);
      if (!bound || bound.variable === variable) continue;
      const [expected, got] = [bound.variable.shape, variable.shape].map(String);
      if (expected !== got) {
        const where = `variable ${show(name)}`;
        throw new RangeError(mismatch("shape", where, `[${expected}], as before`, `[${got}]`));
      }
      // Another variable of that name: what it holds is new.
      this.#bound.set(name, { ...bound, variable, dataId: {} });
    }
    const strangers = gradients.filter(({ name }) => !this.#bound.has(name));
    if (strangers.length === 0) return;
    const saved = matchSaved(
      strangers.map(({ name, variable: { shape } }) => ({ name, shape })),
      this.#unused,
    );
    const found = strangers.map(({ name, variable }): BoundVariable => {
      return { parameter: saved.get(name) ?? name, variable, dataId: variable.dataId };
    });
    this.#refuseShared(found);
    const known = new Set(this.#optimizer?.parameterNames);
    const isNew = ({ parameter }: BoundVariable) => !known.has(parameter);
    this.#add(
      found.filter(isNew).map(({ parameter, variable }) => {
        return { name: parameter, shape: variable.shape, data: valuesOf(this.#tf, variable) };
      }),
    );
    const old = found.filter((each) => !isNew(each));
    const optimizer = this.#optimizer as Optimizer;
    readWeights(
      this.#tf,
      optimizer,
      old.filter((each) => !holdsModel(this.#tf, optimizer, this.#model, each)),
    );
    const taken = new Set(old.map(({ parameter }) => parameter));
    this.#unused = this.#unused.filter(({ name }) => !taken.has(name));
    found.forEach((each, index) => {
      this.#bound.set(strangers[index].name, each);
    });
  }

  /** A variable "w" beside "w_1", whose state was saved as "w". */
  #refuseShared(found: readonly BoundVariable[]): void {
    const owners = new Map(
      [...this.#bound.values()].map((each) => [each.parameter, each.variable]),
    );
    for (const { parameter, variable } of found) {
      const owner = owners.get(parameter);
      owners.set(parameter, variable);
      if (!owner) continue;
      const where = `variable ${show(variable.name)}`;
      const got = `${show(parameter)}, which variable ${show(owner.name)} goes on from`;
      throw new RangeError(mismatch("name", where, "one that no saved state has", got));
    }
  }

  #add(specs: readonly Spec[]): void {
    if (specs.length === 0) return;
    const groups = this.#split(specs);
    if (this.#optimizer) {
      for (const group of groups) this.#addTo(this.#optimizer, group);
      return;
    }
    const { options } = this.#read;
    this.#optimizer = this.#member.make(groups, options);
  }

  /** New parameters, in the groups that take them. */
  #split(specs: readonly Spec[]): GroupGiven[] {
    const byName = new Map(specs.map((spec) => [spec.name, spec]));
    const assigned = assignGroups([...byName.keys()], this.#read.groups);
    return assigned.map(({ name, options, names }) => {
      return { ...options, name, params: names.map((each) => byName.get(each)) };
    });
  }

  #addTo(optimizer: Optimizer, group: GroupGiven): void {
    const { name, params } = group;
    if (!this.#member.groups) optimizer.addParameters(params as Spec[]);
    else if (optimizer.groups.some((each) => each.name === name)) {
      optimizer.addParameters(params as Spec[], { group: name });
    } else (optimizer as Optimizer & { addGroup(group: object): void }).addGroup(group);
  }

  /** All state but the weights, which are the variables'; none before the first step. */
  async arrays(): Promise<StateArray[]> {
    this.#refuseDisposed();
    return this.#optimizer ? stateArrays(this.#optimizer) : [];
  }

  /** Goes on from a state; what there was is forgotten. Variables are found by name, step by step. */
  async restore(arrays: readonly StateArray[]): Promise<void> {
    this.#refuseDisposed();
    if (arrays.length === 0) {
      this.#replace(null, []);
      return;
    }
    const { state, bytes } = await checkpointOf(arrays);
    const chosen = (options: object) => (this.#fromFile ? heldByFunctions(options) : options);
    const own = new Map(this.#read.groups.map(({ name, options }) => [name, chosen(options)]));
    const parameters = state.groups.map(({ name }) => ({
      ...own.get(name),
      name,
      params: state.parameters
        .filter(({ group }) => group === name)
        .map((each) => ({ name: each.name, shape: each.shape })),
    }));
    const made = await this.#member.load(bytes, {
      ...chosen(this.#read.options),
      ...(own.size > 0 ? { parameters } : {}),
    });
    this.#model = state.model;
    this.#replace(made, state.parameters);
  }

  #replace(optimizer: Optimizer | null, parameters: readonly Named[]): void {
    this.#optimizer?.dispose();
    this.#optimizer = optimizer;
    this.#unused = [...parameters];
    this.#bound.clear();
  }

  /** Takes over the variables' values at the next step, changed or not. */
  forgetWeights(): void {
    for (const bound of this.#bound.values()) bound.dataId = {};
  }

  /** Lets new variables be new where saved state is left. Returns the names of that state. */
  forgetUnused(): string[] {
    const names = this.#unused.map(({ name }) => name);
    this.#unused = [];
    return names;
  }

  dispose(): void {
    this.#replace(null, []);
    this.#isDisposed = true;
  }

  #refuseDisposed(): void {
    if (!this.#isDisposed) return;
    const { className } = this.#member;
    throw new AshlarError("DISPOSED", `the ${className}: expected to be in use, got disposed`);
  }
}
