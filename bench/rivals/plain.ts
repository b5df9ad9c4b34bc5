import type { Contender, Entry } from "../harness/contender.ts";
import { fillGradients, fillWeights, HYPER } from "../harness/data.ts";
import { planeStarts } from "../harness/planes.ts";
import { CHECKED_STEPS, checkWeights, samplesOf } from "../harness/truth.ts";
import { PLAIN, PLAIN_BY_TWO } from "../report/names.ts";

// AdamW as one would write it in JavaScript, and as fast as that goes: one pass over typed arrays,
// every scalar hoisted, float64 arithmetic (with Math.fround V8 takes about twice the time), the planes at a
// distance that suits the caches. In two forms, of which now one, now the other is faster.

interface Planes {
  readonly p: Float32Array;
  readonly g: Float32Array;
  readonly m: Float32Array;
  readonly v: Float32Array;
}

interface Scalars {
  readonly keep: number;
  readonly stepSize: number;
  readonly eps: number;
}

function updateOne({ p, g, m, v }: Planes, { keep, stepSize, eps }: Scalars): void {
  const { beta1, beta2 } = HYPER;
  const fresh1 = 1 - beta1;
  const fresh2 = 1 - beta2;
  for (let i = 0; i < p.length; i++) {
    const gi = g[i];
    const mi = m[i] * beta1 + gi * fresh1;
    const vi = v[i] * beta2 + gi * gi * fresh2;
    m[i] = mi;
    v[i] = vi;
    p[i] = p[i] * keep - (mi * stepSize) / (Math.sqrt(vi) + eps);
  }
}

/** Two elements a round, so that two divisions are under way. The length is even. */
function updateTwo({ p, g, m, v }: Planes, { keep, stepSize, eps }: Scalars): void {
  const { beta1, beta2 } = HYPER;
  const fresh1 = 1 - beta1;
  const fresh2 = 1 - beta2;
  for (let i = 0; i < p.length; i += 2) {
    const ga = g[i];
    const gb = g[i + 1];
    const ma = m[i] * beta1 + ga * fresh1;
    const mb = m[i + 1] * beta1 + gb * fresh1;
    const va = v[i] * beta2 + ga * ga * fresh2;
    const vb = v[i + 1] * beta2 + gb * gb * fresh2;
    m[i] = ma;
    m[i + 1] = mb;
    v[i] = va;
    v[i + 1] = vb;
    p[i] = p[i] * keep - (ma * stepSize) / (Math.sqrt(va) + eps);
    p[i + 1] = p[i + 1] * keep - (mb * stepSize) / (Math.sqrt(vb) + eps);
  }
}

/** The bias corrections folded into the step size and eps, as ashlar does. */
function scalarsOf(t: number): Scalars {
  const { lr, beta1, beta2, eps, weightDecay } = HYPER;
  const correction2 = Math.sqrt(1 - beta2 ** t);
  return {
    keep: 1 - lr * weightDecay,
    stepSize: (lr * correction2) / (1 - beta1 ** t),
    eps: eps * correction2,
  };
}

function makePlanes(length: number): Planes {
  const { starts, end } = planeStarts(length * 4, 4);
  const buffer = new ArrayBuffer(end);
  const [p, g, m, v] = starts.map((start) => new Float32Array(buffer, start, length));
  fillWeights(p);
  fillGradients(g);
  return { p, g, m, v };
}

function entry(name: string, length: number, update: typeof updateOne): Entry {
  const open = async (): Promise<Contender> => {
    const planes = makePlanes(length);
    let t = 0;
    const step = () => {
      t++;
      update(planes, scalarsOf(t));
    };
    for (let i = 0; i < CHECKED_STEPS; i++) step();
    for (const sample of samplesOf(length)) {
      checkWeights(sample, planes.p.subarray(sample.first, sample.first + sample.count));
    }
    return { name, per: length, step, close: () => {} };
  };
  return { name, bytes: 16 * length, open };
}

/** Both forms. @param length even */
export const plain = (length: number): Entry[] => [
  entry(PLAIN, length, updateOne),
  entry(PLAIN_BY_TWO, length, updateTwo),
];

/** The simple form over many tensors, tensor by tensor. */
export function plainMany(lengths: readonly number[]): Entry {
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const open = async (): Promise<Contender> => {
    const tensors = lengths.map(makePlanes);
    let t = 0;
    const step = () => {
      t++;
      const scalars = scalarsOf(t);
      for (const planes of tensors) updateOne(planes, scalars);
    };
    for (let i = 0; i < CHECKED_STEPS; i++) step();
    for (const { p } of tensors) {
      for (const sample of samplesOf(p.length)) {
        checkWeights(sample, p.subarray(sample.first, sample.first + sample.count));
      }
    }
    return { name: PLAIN, per: total, step, close: () => {} };
  };
  return { name: PLAIN, bytes: 16 * total, open };
}
