import { join } from "node:path";
import * as assert from "uvu/assert";
import { AdamW, type StepReport } from "../../src/index.ts";
import type { ParameterCase, TrainingCase } from "../reference/cases.ts";
import { comparePlain } from "../reference/compare-plain.ts";
import { leastSlabBytes } from "../reference/least-slab.ts";
import { PlainTraining } from "../reference/plain-training.ts";
import {
  apply,
  groupSettings,
  groupsOf,
  type Layout,
  type Outcome,
  optionsOf,
  specOf,
} from "../reference/training-case.ts";
import { AFTER_DISPOSAL } from "./after-disposal.ts";
import { BAD_CALLS, type Kind } from "./bad-calls.ts";
import type { AnyOperation, LifeCase, LifeOperation, MachineCase } from "./cases.ts";
import { count, kindOf, type Tally } from "./tally.ts";

// Does to an optimizer and to its plain reference what a case says, and compares every bit after each.

type Operation<Do extends LifeOperation["do"]> = Extract<LifeOperation, { do: Do }>;

interface Saved {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly source: Uint8Array<ArrayBuffer> | Blob | string;
  /** Names of the parameters in their order. */
  readonly names: readonly string[];
  readonly training: TrainingCase;
  readonly plain: PlainTraining;
}

/**
 * Runs one life from creation to disposal.
 *
 * @param folder where its files go
 * @throws Error where a bit, a count, a report or an error is not the reference's
 */
export async function live(life: LifeCase, folder: string, tally: Tally): Promise<void> {
  const one = await Life.begin(life, folder, tally);
  try {
    for (const [i, operation] of life.operations.entries()) {
      try {
        await one.do(operation);
      } catch (cause) {
        const why = "why" in operation ? `, ${operation.why}` : "";
        throw new Error(`operation ${i}, ${operation.do}${why}: ${(cause as Error).message}`, {
          cause,
        });
      }
    }
  } finally {
    one.optimizer.dispose();
  }
}

class Life {
  readonly #case: LifeCase;
  readonly #folder: string;
  readonly #tally: Tally;
  #machine: MachineCase;
  #saved: Saved | null = null;
  training: TrainingCase;
  plain: PlainTraining;
  optimizer: AdamW;

  static async begin(life: LifeCase, folder: string, tally: Tally): Promise<Life> {
    const training = { ...life.training, operations: [] };
    const plain = new PlainTraining(training);
    const one = new Life(life, training, plain, folder, tally);
    await one.#create(life.machine);
    one.#compare();
    return one;
  }

  private constructor(
    life: LifeCase,
    training: TrainingCase,
    plain: PlainTraining,
    folder: string,
    tally: Tally,
  ) {
    this.#case = life;
    this.training = training;
    this.plain = plain;
    this.#folder = folder;
    this.#tally = tally;
    this.#machine = life.machine;
    // Until create has made it.
    this.optimizer = null as unknown as AdamW;
  }

  async do(operation: AnyOperation): Promise<void> {
    const { plain } = this;
    // Gradients by name would overwrite the sums: refused. Nobody writes views then.
    if (plain.waiting && (operation.do === "step" || operation.do === "spoil")) {
      await this.#refused("BUSY", () => this.optimizer.step({}));
      return;
    }
    if (plain.waiting && operation.do === "write") return;
    count(this.#tally, operation.do);
    switch (operation.do) {
      case "stepAsync":
        await this.#stepAsync();
        break;
      case "save":
        await this.#save(operation);
        break;
      case "load":
        await this.#load(operation);
        break;
      case "resume":
        await this.#save({ do: "save", to: "bytes" });
        await this.#load({ do: "load", machine: operation.machine, again: false });
        break;
      case "addParameters":
        await this.#addParameters(operation);
        break;
      case "addGroup":
        await this.#addGroup(operation);
        break;
      case "dispose":
        await this.#dispose();
        break;
      case "refused": {
        const { optimizer, training } = this;
        const bytes = this.#saved?.bytes ?? null;
        const victim = { optimizer, training, waiting: plain.waiting, bytes };
        const bad = BAD_CALLS[operation.why](victim, operation.where);
        if (bad) await this.#refused(bad.kind, bad.call);
        break;
      }
      default: {
        const report = apply(this.optimizer, this.training, operation);
        this.#agree(report, plain.apply(operation));
      }
    }
    this.#compare();
  }

  #compare(): void {
    assert.equal(
      this.optimizer.parameterNames,
      this.plain.parameters.map(({ of }) => of.name),
    );
    comparePlain(this.optimizer, this.plain);
  }

  #agree(got: Outcome<StepReport>, expected: Outcome<StepReport>): void {
    if (got === "refused") count(this.#tally, "steps refused");
    else if (got && !got.applied) count(this.#tally, "steps skipped");
    else if (got) count(this.#tally, "steps applied");
    assert.equal(got, expected);
  }

  async #stepAsync(): Promise<void> {
    const expected = this.plain.apply({ do: "stepAll", times: 1 });
    let got: Outcome<StepReport>;
    try {
      const { loss, ...report } = await this.optimizer.stepAsync(async () => 7);
      assert.is(loss, 7);
      got = report;
    } catch (error) {
      if (expected !== "refused") throw error;
      got = "refused";
    }
    this.#agree(got, expected);
  }

  async #save({ to }: Operation<"save">): Promise<void> {
    const { optimizer, training } = this;
    const bytes = await optimizer.toBytes();
    let source: Saved["source"] = bytes;
    if (to === "Blob") source = await optimizer.toBlob();
    if (to === "file") {
      source = join(this.#folder, "life.safetensors");
      await optimizer.save(source);
      // A later save to the same path is not what this one was.
      if (this.#saved && typeof this.#saved.source === "string") {
        this.#saved = { ...this.#saved, source: this.#saved.bytes };
      }
    }
    const names = optimizer.parameterNames;
    this.#saved = { bytes, source, names, training, plain: this.plain.saved() };
  }

  async #load({ machine, again }: Operation<"load">): Promise<void> {
    const saved = this.#saved;
    if (!saved) return;
    this.optimizer.dispose();
    this.training = saved.training;
    this.plain = saved.plain.saved();
    this.#machine = { ...machine, threads: this.#machine.threads };
    this.optimizer = await AdamW.load(saved.source, {
      ...this.#layout(),
      ...this.#rules(),
      threads: this.#machine.threads,
    });
    assert.equal(this.optimizer.loadReport?.differences, []);
    // Saved again it is the same file, unless a group has got parameters after the next one had.
    if (!again || saved.names.join() !== this.optimizer.parameterNames.join()) return;
    const file = Buffer.from(await this.optimizer.toBytes());
    assert.ok(file.equals(saved.bytes), "saved again, the file has other bytes");
  }

  async #addParameters({ group, added }: Operation<"addParameters">): Promise<void> {
    const { groups } = this.optimizer;
    const { name } = groups[group % groups.length];
    const specs = added.map((one) => specOf({ ...one, group: Number(name) }, this.training));
    const add = () => this.optimizer.addParameters(specs, { group: name });
    await this.#add(this.training.groups, added, Number(name), add);
  }

  async #addGroup({ group, added }: Operation<"addGroup">): Promise<void> {
    const groups = [...this.training.groups, group];
    const index = groups.length - 1;
    const params = added.map((one) => specOf(one, this.training));
    const add = () =>
      this.optimizer.addGroup({ ...groupSettings(group), name: `${index}`, params });
    await this.#add(groups, added, index, add);
  }

  /** Adds parameters, unless there is one of such a name. */
  async #add(
    groups: TrainingCase["groups"],
    added: readonly ParameterCase[],
    group: number,
    add: () => void,
  ): Promise<void> {
    const { parameters } = this.training;
    const taken = added.some(({ name }) => parameters.some((one) => one.name === name));
    if (taken) {
      await this.#refused("RangeError", add);
      return;
    }
    const own = added.map((one) => ({ ...one, group }));
    const before = this.training;
    this.training = { ...before, groups, parameters: [...parameters, ...own] };
    add();
    this.plain.grow(this.training);
  }

  async #dispose(): Promise<void> {
    const { optimizer } = this;
    const [name] = optimizer.parameterNames;
    optimizer.dispose();
    optimizer.dispose();
    for (const [what, call] of Object.entries(AFTER_DISPOSAL)) {
      assert.is(await kindOf(() => call(optimizer, name)), "DISPOSED", what);
    }
    if (this.#saved) {
      await this.#load({ do: "load", machine: this.#machine, again: false });
      return;
    }
    this.training = { ...this.#case.training, operations: [] };
    this.plain = new PlainTraining(this.training);
    await this.#create(this.#machine);
  }

  /** A call that must throw, and change nothing. */
  async #refused(kind: Kind, call: () => unknown): Promise<void> {
    const { optimizer } = this;
    const facts = () => [optimizer.steps, optimizer.digest(), optimizer.configDigest()];
    const before = facts();
    assert.is(await kindOf(call), kind);
    assert.equal(facts(), before);
    count(this.#tally, `refused: ${kind}`);
  }

  async #create(machine: MachineCase): Promise<void> {
    const { training } = this;
    this.#machine = machine;
    this.optimizer = await AdamW.create(groupsOf(training), {
      ...optionsOf(training, this.#layout()),
      ...this.#rules(),
      threads: machine.threads,
    });
  }

  #layout(): Layout {
    const { small, threads } = this.#machine;
    return small ? { slabBytes: leastSlabBytes(this.training, threads) } : {};
  }

  /** The rules of the training as it is when they are asked. Bad calls have other names. */
  #rules() {
    const of = ({ name }: { name: string }): Pick<ParameterCase, "decays" | "lrScale" | "clips"> =>
      this.training.parameters.find((one) => one.name === name) ?? OTHER;
    return {
      decays: (one: { name: string }) => of(one).decays,
      lrScale: (one: { name: string }) => of(one).lrScale,
      clips: (one: { name: string }) => of(one).clips,
    };
  }
}

const OTHER = { decays: true, lrScale: 1, clips: true };
