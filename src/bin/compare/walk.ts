import type { Checksums, EndRecord, StepRecord } from "../../ledger/format.ts";
import type { Difference } from "../diff/state-differences.ts";
import type { Ending, LedgerFile } from "../ledger-file.ts";
import {
  optionDifferences,
  type ParameterDifferences,
  parameterDifferences,
} from "./configurations.ts";
import { LedgerSide, type Next } from "./ledger-side.ts";
import {
  checksumDifferences,
  numberOf,
  type StepDifference,
  stepDifference,
  type Value,
} from "./step-difference.ts";

/** What came of going through two ledgers side by side. */
export interface Parting {
  /** Class, options, groups, rules. */
  readonly options: readonly Difference[];
  /** Null where names and shapes are the same. */
  readonly parameters: ParameterDifferences | null;
  /** Of how many parameters. */
  readonly parameterCount: number;
  /** The steps that both have before they part; null for none. */
  readonly compared: ComparedSteps | null;
  /** Whether each step's state was compared: both recorded it with the same stride. */
  readonly statesCompared: boolean;
  /**
   * Parameters whose state was another one before the first step that both have, or where both were
   * taken up again.
   */
  readonly start: readonly Value[];
  /** The first step that is not the same. */
  readonly first: StepDifference | null;
  /** What is not the same after all steps. */
  readonly end: readonly Value[];
  /** At the end of both; null where they are not the same, or one was not closed. */
  readonly digest: string | null;
  /** After which step the whole state was last known to be the same; null where it never was. */
  readonly wholeStateAt: number | null;
  /** How the ledgers end; null of one that was not read so far. */
  readonly ends: { readonly a: Ending | null; readonly b: Ending | null };
  /** With which strides the last step that was read was recorded. */
  readonly strides: { readonly a: number; readonly b: number };
}

export interface ComparedSteps {
  readonly from: number;
  readonly to: number;
  /** How many of these were skipped, in both. */
  readonly skipped: number;
}

/** Goes through both until something differs. @throws ToolError for a damaged ledger */
export function walk(a: LedgerFile, b: LedgerFile): Promise<Parting> {
  return new Walk(new LedgerSide(a), new LedgerSide(b)).run();
}

class Walk {
  readonly #a: LedgerSide;
  readonly #b: LedgerSide;
  /** Whether each step so far was recorded with the same stride by both. */
  #states = true;
  /** The configurations that were last held beside each other. */
  #configured: readonly unknown[] = [];
  #options: Difference[] = [];
  #compared: ComparedSteps | null = null;
  #whole: number | null = null;
  /** Steps in a row in which all parameters were checked. */
  #inARow = 0;
  /** The stride of these. */
  #stride = 0;
  /** Steps applied by what was compared. */
  #steps: number | null = null;

  constructor(a: LedgerSide, b: LedgerSide) {
    this.#a = a;
    this.#b = b;
  }

  async run(): Promise<Parting> {
    const began = await this.#align();
    const together = this.#a.header.step === this.#b.header.step;
    // What comes right after the first headers is held beside each other after these.
    if (!together) await this.#next();
    this.#options = optionDifferences(this.#a.header, this.#b.header, together);
    const found = this.#otherConfiguration();
    if (found) return this.#result(found);
    if (began) {
      const start = checksumDifferences("state", began.a, began.b, this.#a.parameters);
      if (start.length > 0) return this.#result({ start });
      this.#whole = Math.max(this.#a.header.step, this.#b.header.step);
    }
    return this.#result(await this.#parting());
  }

  async #parting(): Promise<Partial<Parting>> {
    for (;;) {
      const { a, b } = await this.#next();
      const found = this.#otherConfiguration();
      if (found) return found;
      if (a?.kind !== "step" || b?.kind !== "step") return this.#ended(a, b);
      const states = this.#a.stride === this.#b.stride;
      if (!states) this.#states = false;
      const first = stepDifference(a, b, this.#a.parameters, states);
      if (first) return { first };
      this.#passed(a, states);
      this.#a.pass();
      this.#b.pass();
    }
  }

  async #next(): Promise<{ a: Next; b: Next }> {
    return { a: await this.#a.next(), b: await this.#b.next() };
  }

  /**
   * Brings both to the first step that both have: one may be of a run that went on from a
   * checkpoint. Returns the whole state of both there, where it is known.
   */
  async #align(): Promise<{ a: Checksums; b: Checksums } | null> {
    const [a, b] = [this.#a, this.#b];
    if (a.header.step === b.header.step) return { a: a.header.state, b: b.header.state };
    const [early, late] = a.header.step < b.header.step ? [a, b] : [b, a];
    const { last, stride } = await passTo(early, late.header.step);
    await passSkipped(early, late);
    const isWhole = last?.applied && last.absent.length === 0 && stride === 1;
    if (!isWhole || last.step !== late.header.step) return null;
    return early === a
      ? { a: last.state, b: late.header.state }
      : { a: late.header.state, b: last.state };
  }

  /** What a header or added parameters say differently where they are new; null for nothing. */
  #otherConfiguration(): Partial<Parting> | null {
    const { configuration: a } = this.#a;
    const { configuration: b } = this.#b;
    const [beforeA, beforeB] = this.#configured;
    if (a === beforeA && b === beforeB) return null;
    this.#configured = [a, b];
    const parameters = parameterDifferences(a.parameters, b.parameters);
    if (parameters) return { parameters };
    // The first headers are held beside each other by themselves.
    if (beforeA === undefined) return null;
    this.#inARow = 0;
    if (a === beforeA || b === beforeB) {
      // One was taken up again, from a checkpoint that nothing in the other can be held beside.
      this.#whole = null;
      return null;
    }
    this.#addOptions(a, b);
    const start = checksumDifferences("state", a.state, b.state, a.parameters);
    if (start.length > 0) return { start };
    this.#whole = this.#steps ?? this.#whole;
    return null;
  }

  #addOptions(a: LedgerSide["configuration"], b: LedgerSide["configuration"]): void {
    const known = new Set(this.#options.map(keyOf));
    const now = optionDifferences(
      { ...a, class: this.#a.class },
      { ...b, class: this.#b.class },
      false,
    );
    // A header in the middle of a run has rates that may have been assigned on the way.
    const rates = a.kind === "header" || b.kind === "header" ? RATES : [];
    this.#options.push(
      ...now.filter((each) => !known.has(keyOf(each)) && !rates.includes(each.what)),
    );
  }

  #passed(record: StepRecord, states: boolean): void {
    const to = numberOf(record);
    const { from = to, skipped = 0 } = this.#compared ?? {};
    this.#compared = { from, to, skipped: skipped + (record.applied ? 0 : 1) };
    this.#steps = record.step;
    const { stride } = this.#a;
    if (!states || stride !== this.#stride) this.#inARow = 0;
    this.#stride = stride;
    if (!states || !record.applied) return;
    this.#inARow = record.absent.length === 0 ? this.#inARow + 1 : 0;
    // Each block has had its turn since.
    if (this.#inARow >= stride) this.#whole = to - stride + 1;
  }

  #ended(a: Next, b: Next): Partial<Parting> {
    const ends = {
      a: a?.kind === "step" ? null : this.#a.ending,
      b: b?.kind === "step" ? null : this.#b.ending,
    };
    if (a?.kind !== "end" || b?.kind !== "end") return { ends };
    const end = [
      ...checksumDifferences("state", a.state, b.state, this.#a.parameters),
      ...digestDifferences(a, b),
    ];
    if (end.length > 0) return { ends, end };
    this.#whole = a.step;
    return { ends, digest: a.digest };
  }

  #result(found: Partial<Parting>): Parting {
    return {
      options: this.#options,
      parameters: null,
      parameterCount: this.#a.parameters.length,
      compared: this.#compared,
      statesCompared: this.#states,
      start: [],
      first: null,
      end: [],
      digest: null,
      wholeStateAt: this.#whole,
      ends: { a: null, b: null },
      strides: { a: this.#a.stride, b: this.#b.stride },
      ...found,
    };
  }
}

const RATES: readonly string[] = ["lr", "initialLr"];

const keyOf = ({ where, what }: Difference) => JSON.stringify([where, what]);

/** Passes the steps up to a number. Returns the last of them, and its stride. */
async function passTo(
  side: LedgerSide,
  step: number,
): Promise<{ last: StepRecord | null; stride: number }> {
  let last: StepRecord | null = null;
  let { stride } = side;
  let next = await side.next();
  while (next?.kind === "step" && numberOf(next) <= step) {
    last = next;
    stride = side.stride;
    side.pass();
    next = await side.next();
  }
  return { last, stride };
}

/** The checkpoint may be of after steps that were skipped: the later run does not have those. */
async function passSkipped(early: LedgerSide, late: LedgerSide): Promise<void> {
  const begin = await late.next();
  if (begin?.kind !== "step" || !begin.applied) return;
  let next = await early.next();
  while (next?.kind === "step" && !next.applied) {
    early.pass();
    next = await early.next();
  }
}

export function digestDifferences(a: EndRecord, b: EndRecord): Value[] {
  return (["weights", "digest"] as const)
    .filter((what) => a[what] !== b[what])
    .map((what) => ({ what, parameter: null, a: a[what], b: b[what] }));
}
