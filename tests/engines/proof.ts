import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import {
  AdamW,
  type AdamWGroup,
  type AdamWOptions,
  clipByGlobalNorm,
  cosineWithWarmup,
  layerDecay,
  type StepReport,
} from "../../src/index.ts";
import { linear, polynomialWithWarmup } from "../../src/schedules/index.ts";
import {
  fillGradient,
  fillGradient16,
  initialWeights,
  type Kind,
  layerOf,
  PARAMETERS,
  type ProofParameter,
} from "./proof-model.ts";

// The proof that the bits are the same everywhere: one training run whose digest must appear in
// every engine, for any number of threads, with both kernels, in any layout. No Node API.

/** Schedules end with the longest run, so that the shorter ones are its beginning. */
const TOTAL_STEPS = 1000;
/** Steps after which there is a digest in proof.txt. */
export const MARKS = [5, 50, TOTAL_STEPS] as const;

/** How the model lies in memory, and in which order it is given. */
export interface ProofLayout {
  readonly slabBytes?: number;
  readonly splitParameters?: boolean;
  readonly order?: <T>(all: readonly T[]) => readonly T[];
}

export interface ProofOptions {
  readonly steps: number;
  readonly threads?: number;
  readonly layout?: ProofLayout;
}

/** The digests of a run by steps, at the marks on its way and at its end. */
export async function proofDigests({
  steps,
  threads = 1,
  layout = {},
}: ProofOptions): Promise<Map<number, string>> {
  const full = await makeFull(threads, layout);
  const half = await makeHalf(threads, layout);
  for (const optimizer of [full, half]) {
    if (optimizer.threads !== threads) throw new Error(`${optimizer.threads} threads`);
  }
  const fills = [...fillsOf(full), ...fillsOf(half)];
  const reports = [full.newReport(), half.newReport()];
  const scalars = sha256.create();
  const digests = new Map<number, string>();
  for (let step = 1; step <= steps; step++) {
    for (const fill of fills) fill(step);
    full.step(undefined, { report: reports[0] });
    half.step(undefined, { report: reports[1] });
    for (const report of reports) scalars.update(scalarBytes(report));
    if (step !== steps && !MARKS.some((mark) => mark === step)) continue;
    const parts = [
      bytesToHex(scalars.clone().digest()),
      ...[full, half].flatMap((optimizer) => [optimizer.digest(), optimizer.weightsDigest()]),
    ];
    const text = `ashlar proof 1\n${step}\n${parts.join("\n")}\n`;
    digests.set(step, bytesToHex(sha256(new TextEncoder().encode(text))));
  }
  for (const optimizer of [full, half]) optimizer.dispose();
  return digests;
}

function membersOf(kind: Kind, { order = (all) => all }: ProofLayout) {
  return order(PARAMETERS.filter((parameter) => parameter.kind === kind)).map((parameter) => ({
    name: parameter.name,
    shape: [parameter.length],
    data: initialWeights(parameter),
  }));
}

/** What both optimizers have. */
function common(threads: number, { slabBytes, splitParameters }: ProofLayout): AdamWOptions {
  return {
    lr: cosineWithWarmup({ peak: 1e-2, warmupSteps: 20, totalSteps: TOTAL_STEPS }),
    weightDecay: 0.1,
    lrScale: layerDecay({ rate: 0.8, layerOf }),
    gradNorm: true,
    threads,
    ...(slabBytes === undefined ? {} : { slabBytes }),
    ...(splitParameters === undefined ? {} : { splitParameters }),
  };
}

/** Three groups in float32. */
function makeFull(threads: number, layout: ProofLayout): Promise<AdamW> {
  const { order = (all) => all } = layout;
  const groups: AdamWGroup[] = [
    { name: "weight", params: membersOf("weight", layout) },
    { name: "norm", params: membersOf("norm", layout), weightDecay: 0, lrScale: 0.5 },
    {
      name: "attention",
      params: membersOf("attention", layout),
      amsgrad: true,
      betas: [0.8, 0.99],
      weightDecay: linear({ base: 0.2, startFactor: 1, endFactor: 0.1, totalSteps: TOTAL_STEPS }),
    },
  ];
  return AdamW.create(order(groups), { ...common(threads, layout), clip: clipByGlobalNorm(20) });
}

/** The fourth: precision is an option of a whole optimizer. */
function makeHalf(threads: number, layout: ProofLayout): Promise<AdamW> {
  const lr = polynomialWithWarmup({
    ...{ peak: 3e-3, floor: 1e-5, power: 0.9 },
    ...{ warmupSteps: 10, totalSteps: TOTAL_STEPS },
  });
  return AdamW.create([{ name: "mlp", params: membersOf("mlp", layout), lr, eps: 1e-6 }], {
    ...common(threads, layout),
    clip: clipByGlobalNorm(100),
    precision: { model: "float16", gradients: "float16" },
  });
}

type Fill = (step: number) => void;

/** What writes the gradients of each parameter. */
function fillsOf(optimizer: AdamW): Fill[] {
  const byName = new Map(PARAMETERS.map((parameter) => [parameter.name, parameter]));
  return optimizer.parameterNames.map((name): Fill => {
    const { index } = byName.get(name) as ProofParameter;
    const { parts } = optimizer.parameter(name);
    const halves = parts.flatMap(({ gradient16 }) => gradient16 ?? []);
    if (halves.length > 0) return (step) => fillGradient16(halves, step, index);
    const words = parts.map(({ gradient: { buffer, byteOffset, length } }) => {
      return new Uint32Array(buffer, byteOffset, length);
    });
    return (step) => fillGradient(words, step, index);
  });
}

/** What a step reports in float64: a norm's last bit may not reach the weights. */
function scalarBytes({ gradNorm, lr }: StepReport): Uint8Array {
  const names = Object.keys(lr).sort();
  const values = [gradNorm ?? -1, ...names.map((name) => lr[name])];
  const view = new DataView(new ArrayBuffer(8 * values.length));
  for (const [i, value] of values.entries()) view.setFloat64(8 * i, value, true);
  return new Uint8Array(view.buffer);
}
