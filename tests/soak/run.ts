import { join } from "node:path";
import { AdamW, type NamedGradients } from "../../src/index.ts";
import { differingBits } from "../reference/bits.ts";
import { assignedRate, Gradients, isAbsent, optimizerAt } from "./model.ts";
import { PlainSoak } from "./plain.ts";

// A long run three times over the same gradients: straight on, stopped and resumed again and again,
// and in plain loops. All three must have the same bits.

export interface SoakOptions {
  readonly steps: number;
  /** How often the second run is saved and goes on in a fresh optimizer. */
  readonly cycles: number;
  /** Steps that the run is said to have behind it. */
  readonly start: number;
  readonly seed: number;
  /** Where files go. */
  readonly folder: string;
  readonly onProgress?: (done: number, digest: string) => void;
}

export interface Soaked {
  readonly digest: string;
  /** Cycles, and how many of them went through a file. */
  readonly cycles: number;
  readonly files: number;
}

/** Every so many cycles the checkpoint is a file. */
const BY_FILE = 50;

/** @throws Error naming the step, the run and the element where two of the runs differ */
export async function soak(options: SoakOptions): Promise<Soaked> {
  const { steps, cycles, start, seed, folder, onProgress } = options;
  const course = { warmup: start + Math.floor(steps / 10), total: start + steps + 1 };
  const gradients = new Gradients(seed);
  const records = recordsOf(gradients);
  const plain = new PlainSoak(start, course, gradients);
  const straight = await optimizerAt(start, course);
  let resumed = await optimizerAt(start, course);
  let done = 0;
  let files = 0;
  for (let cycle = 1; cycle <= cycles; cycle++) {
    const reports = [straight, resumed].map((optimizer) => ({ report: optimizer.newReport() }));
    for (const end = Math.floor((steps * cycle) / cycles); done < end; done++) {
      const k = start + done;
      gradients.fill(k);
      const record = records(k);
      if (k % 1000 === 0) {
        for (const { groups } of [straight, resumed]) groups[1].lr = assignedRate(k);
      }
      const norm = plain.step();
      const norms = [
        straight.step(record, reports[0]).gradNorm,
        resumed.step(record, reports[1]).gradNorm,
      ];
      if (norms[0] !== norm || norms[1] !== norm) {
        throw new Error(`step ${k + 1}: norms ${norms.join(" and ")}, plain ${norm}`);
      }
    }
    comparePlain(straight, plain, "the straight run");
    comparePlain(resumed, plain, "the resumed run");
    const byFile = cycle % BY_FILE === 0;
    if (byFile) files++;
    resumed = await resume(resumed, byFile ? join(folder, "soak.safetensors") : null);
    const digest = straight.digest();
    if (resumed.digest() !== digest) throw new Error(`cycle ${cycle}: another digest once resumed`);
    onProgress?.(done, digest);
  }
  const digests = [straight.digest(), resumed.digest(), plain.digest()];
  if (new Set(digests).size > 1) throw new Error(`three digests: ${digests.join(", ")}`);
  for (const optimizer of [straight, resumed]) optimizer.dispose();
  return { digest: digests[0], cycles, files };
}

/** The record of gradients for a step, made once for each set of absent ones. */
function recordsOf({ byName }: Gradients): (k: number) => NamedGradients {
  const made = new Map<number, NamedGradients>();
  return (k) => {
    // Who is absent comes again after 3 times 5 steps.
    const known = made.get(k % 15);
    if (known) return known;
    const present = [...byName].filter(([name]) => !isAbsent(name, k));
    const record = Object.fromEntries(present);
    made.set(k % 15, record);
    return record;
  };
}

/** A fresh optimizer that goes on from a checkpoint of this one. */
async function resume(optimizer: AdamW, path: string | null): Promise<AdamW> {
  let source: Uint8Array<ArrayBuffer> | string;
  if (path === null) source = await optimizer.toBytes();
  else {
    await optimizer.save(path);
    source = path;
  }
  optimizer.dispose();
  return AdamW.load(source);
}

function comparePlain(optimizer: AdamW, plain: PlainSoak, which: string): void {
  const at = `after step ${plain.steps}, ${which}`;
  if (optimizer.steps !== plain.steps) throw new Error(`${at}: ${optimizer.steps} steps`);
  for (const { name, t, p, m, v, vmax } of plain.parameters) {
    const view = optimizer.parameter(name);
    if (view.step !== t) throw new Error(`${at}: ${name} has ${view.step} updates, not ${t}`);
    const planes = { master: p, expAvg: m, expAvgSq: v, ...(vmax && { maxExpAvgSq: vmax }) };
    for (const [plane, expected] of Object.entries(planes)) {
      const got = view[plane as keyof typeof planes];
      const index = got ? differingBits(got, expected) : 0;
      // NaN would equal NaN.
      if (index < 0 && expected.every(Number.isFinite)) continue;
      if (!got || index < 0) throw new Error(`${at}: ${plane} of ${name} is not finite`);
      throw new Error(
        `${at}: ${plane}[${index}] of ${name} is ${got[index]}, not ${expected[index]}`,
      );
    }
  }
}
