import { adamW, type Transformation } from "../../src/adapters/jax/index.ts";
import {
  AdamW,
  cosineWithWarmup,
  layerDecay,
  noDecayOnBiasAndNorm,
  ready,
} from "../../src/index.ts";
import { differingBits } from "../reference/bits.ts";
import type { Arr, Jax } from "../reference/jax.ts";
import { MLP_NAMES, type Mlp, makeMlp, makeTask } from "../reference/jax-mlp.ts";
import { assertSame, type Found, NotRun, type Result, resultOf } from "./result.ts";

const DEVICES = ["cpu", "wasm", "webgl", "webgpu"] as const;
const STEPS = 60;
/** A path that only a browser can import. */
const MODULE: string = "/packages/@jax-js/jax/dist/index.js";

/** A software WebGPU ends at the second such read, and zeros are what it gives from then on. */
const NO_SYNC_READS = "jax-js reads WebGPU at once through a canvas, which needs a real GPU";

const options = {
  lr: cosineWithWarmup({ peak: 0.02, warmupSteps: 5, totalSteps: STEPS }),
  weightDecay: 0.05,
  decays: noDecayOnBiasAndNorm,
  lrScale: layerDecay({
    rate: 0.8,
    layers: 2,
    layerOf: (path) => (path.startsWith("head.") ? "head" : Number(path.split(".")[1])),
  }),
};

type Values = Record<string, Float32Array>;

const leavesOf = ({ layers, head }: Mlp): Arr[] =>
  [...layers, head].flatMap(({ weight, bias }) => [weight, bias]);

/** Copies of a tree's values, which keeps its use. */
async function valuesOf(params: Mlp): Promise<Values> {
  const leaves = leavesOf(params);
  const values = await Promise.all(leaves.map(async (leaf) => (await leaf.ref.data()).slice()));
  return Object.fromEntries(values.map((each, i) => [MLP_NAMES[i], each]));
}

function assertBits(values: Values, reference: AdamW, when: string): void {
  for (const [name, each] of Object.entries(values)) {
    const at = differingBits(each, reference.parameter(name).master);
    if (at >= 0) throw new Error(`${name}[${at}] differs ${when}`);
  }
}

type Step = (of: Transformation<AdamW>) => Transformation<AdamW>["applyAsync"];

/** Step by step the weights of ashlar alone, on the gradients as they are read back. */
async function trains(jax: Jax, step: Step): Promise<Found> {
  const task = makeTask(jax);
  const optimizer = adamW(jax.numpy as never, options);
  let params = makeMlp(jax);
  const shapes = leavesOf(params).map(({ shape }) => shape);
  const first = await valuesOf(params);
  const specs = MLP_NAMES.map((name, i) => ({ name, shape: shapes[i], data: first[name] }));
  const reference = await AdamW.create(specs, options);
  let state = await optimizer.initAsync(jax.tree.ref(params));
  const losses: number[] = [];
  for (let k = 0; k < STEPS; k++) {
    const [loss, grads] = task.pending(params);
    losses.push((await loss.data())[0]);
    reference.step(await valuesOf(grads));
    const used = [...leavesOf(params), ...leavesOf(grads)];
    [params, state] = await step(optimizer)(params, grads, state);
    assertSame("uses left", Math.max(...used.map(({ refCount }) => refCount)), 0);
    assertBits(await valuesOf(params), reference, `after step ${k}`);
  }
  assertSame("digest", state.optimizer.digest(), reference.digest());
  const [start, end] = [losses[0], losses[STEPS - 1]];
  if (!(end < 0.25 * start)) throw new Error(`the loss went from ${start} to ${end}`);
  jax.tree.dispose(params);
  state.dispose();
  task.close();
  return { detail: `loss ${start.toPrecision(6)} to ${end.toPrecision(6)}` };
}

const CASES = {
  applyAsync: (jax: Jax) => trains(jax, (optimizer) => optimizer.applyAsync),
  apply: (jax: Jax) =>
    trains(
      jax,
      ({ apply }) =>
        async (...given) =>
          apply(...given),
    ),
};

/** ashlar/jax on each device of jax-js that is here. */
export async function run(): Promise<Result[]> {
  const jax: Jax = await import(MODULE);
  await ready();
  const devices = new Set(await (jax.init as () => Promise<readonly string[]>)());
  const results: Result[] = [];
  for (const device of DEVICES) {
    for (const [name, act] of Object.entries(CASES)) {
      const found = async () => {
        if (!devices.has(device)) throw new NotRun(`this browser has no ${device}`);
        if (device === "webgpu" && name === "apply") throw new NotRun(NO_SYNC_READS);
        jax.defaultDevice(device);
        return act(jax);
      };
      results.push(await resultOf(`${device}: ${name}`, found));
    }
  }
  return results;
}
