import { suite } from "uvu";
import * as assert from "uvu/assert";
import { adamW, adamWDL, decoupledAdamW, mindFormersAdamW } from "../src/adapters/jax/index.ts";
import type { Transformation } from "../src/adapters/jax/transformation.ts";
import {
  AdamW,
  AdamWDL,
  clipByGlobalNorm,
  cosineWithWarmup,
  DecoupledAdamW,
  layerDecay,
  MindFormersAdamW,
  noDecayOnBiasAndNorm,
} from "../src/index.ts";
import type { Optimizer } from "../src/optimizers/optimizer.ts";
import { differingBits } from "./reference/bits.ts";
import { loadJax } from "./reference/jax.ts";
import { MLP_NAMES, type Mlp, makeMlp, makeTask, valuesOf } from "./reference/jax-mlp.ts";

const test = suite("jax-js: training");

const jax = await loadJax();
const { numpy: np, tree } = jax;
const task = makeTask(jax);

const shapes = new Map<string, number[]>();
{
  const params = makeMlp(jax);
  tree.leaves(params).forEach((leaf, i) => {
    shapes.set(MLP_NAMES[i], leaf.shape);
  });
  tree.dispose(params);
}

const specs = (values: Record<string, Float32Array>) =>
  MLP_NAMES.map((name) => ({ name, shape: shapes.get(name) as number[], data: values[name] }));

const lr = cosineWithWarmup({ peak: 0.02, warmupSteps: 10, totalSteps: 120 });
const isHead = (name: string) => name.startsWith("head.");
const layerOf = (name: string) => (isHead(name) ? "head" : Number(/layers\.(\d+)/.exec(name)?.[1]));
const common = { clip: clipByGlobalNorm(0.5), gradNorm: true };
const rules = { ...common, decays: noDecayOnBiasAndNorm };
const head = { lr: 0.01, weightDecay: 0 };

/** What goes through the adapter, and the same without it. */
type Case = [
  name: string,
  through: () => Transformation<Optimizer>,
  direct: (values: Record<string, Float32Array>) => Optimizer,
];

const grouped = (values: Record<string, Float32Array>) => [
  { name: "head", params: specs(values).filter(({ name }) => isHead(name)), ...head },
  { name: "default", params: specs(values).filter(({ name }) => !isHead(name)) },
];
const groups = [{ name: "head", match: isHead, ...head }];
// The original's rule looks for "encoder.layers.N".
const nameDict = Object.fromEntries(MLP_NAMES.map((name) => [name, `encoder.${name}`]));
const dl = { learningRate: 0.02, layerwiseDecay: 0.8, nLayers: 2, nameDict };
const layerwise = {
  ...rules,
  lr,
  lrScale: layerDecay({ rate: 0.8, layerOf, layers: 2 }),
};

const CASES: Case[] = [
  ["adamW", () => adamW(np, { lr: 0.02 }), (v) => new AdamW(specs(v), { lr: 0.02 })],
  [
    "adamW, layer decay and a schedule",
    () => adamW(np, layerwise),
    (v) => new AdamW(specs(v), layerwise),
  ],
  [
    "adamW, groups, amsgrad",
    () => adamW(np, { ...rules, lr: 0.02, amsgrad: true, groups }),
    (v) => new AdamW(grouped(v), { ...rules, lr: 0.02, amsgrad: true }),
  ],
  [
    "adamW, parameters split over several memories",
    () => adamW(np, { lr: 0.02, slabBytes: 2 ** 19 }),
    (v) => new AdamW(specs(v), { lr: 0.02, slabBytes: 2 ** 19 }),
  ],
  [
    "adamW, bfloat16 model",
    () => adamW(np, { lr: 0.02, precision: { model: "bfloat16" } }),
    (v) => new AdamW(specs(v), { lr: 0.02, precision: { model: "bfloat16" } }),
  ],
  ["adamWDL", () => adamWDL(np, dl), (v) => new AdamWDL({ ...dl, parameters: specs(v) })],
  [
    "mindFormersAdamW",
    () => mindFormersAdamW(np, { learningRate: 0.02, groups }),
    (v) => new MindFormersAdamW(grouped(v), { learningRate: 0.02 }),
  ],
  [
    "decoupledAdamW",
    () => decoupledAdamW(np, { lr, weightDecay: 1e-4, groups: [{ ...groups[0], lrScale: 0.5 }] }),
    (v) =>
      new DecoupledAdamW([{ ...grouped(v)[0], lrScale: 0.5 }, grouped(v)[1]], {
        lr,
        weightDecay: 1e-4,
      }),
  ],
];

/** Trains, and shows every step what it moved by and to. */
function train(
  transform: Transformation<Optimizer>,
  steps: number,
  see: (gradients: Record<string, Float32Array>, params: Mlp) => void,
) {
  let params = makeMlp(jax);
  let state = transform.init(tree.ref(params));
  const losses: number[] = [];
  for (let k = 0; k < steps; k++) {
    const [loss, grads] = task.lossAndGrads(params);
    const gradients = valuesOf(grads);
    losses.push(loss);
    [params, state] = transform.apply(params, grads, state);
    see(gradients, params);
  }
  return { losses, params, state };
}

for (const [name, through, direct] of CASES) {
  test(`${name}: the bits are those of ashlar with the same gradients, and the loss falls`, () => {
    const first = makeMlp(jax);
    const optimizer = direct(valuesOf(first));
    tree.dispose(first);
    const { losses, params, state } = train(through(), 120, (gradients, params) => {
      optimizer.step(gradients);
      for (const [path, values] of Object.entries(valuesOf(params))) {
        const copy = new Float32Array(values.length);
        optimizer.copyTo({ [path]: copy });
        assert.is(differingBits(values, copy), -1, `${path} after step ${optimizer.steps}`);
      }
    });
    assert.is(state.optimizer.digest(), optimizer.digest());
    assert.is(state.optimizer.configDigest(), optimizer.configDigest());
    assert.is(state.report?.step, 120);
    const [last] = losses.slice(-1);
    assert.ok(last < losses[0] / 4, `the loss went from ${losses[0]} to ${last}`);
    assert.equal(state.optimizer.parameterNames.sort(), [...MLP_NAMES].sort());
    tree.dispose(params);
    state.dispose();
    optimizer.dispose();
  });
}

test("the weights lie close to AdamW in plain float64", () => {
  const rate = 0.02;
  const decay = 0.01;
  const first = makeMlp(jax);
  const moments = Object.entries(valuesOf(first)).map(([path, values]) => ({
    path,
    p: Float64Array.from(values),
    m: new Float64Array(values.length),
    v: new Float64Array(values.length),
  }));
  tree.dispose(first);
  let t = 0;
  let furthest = 0;
  const transform = adamW(np, { lr: rate, weightDecay: decay });
  const { params, state } = train(transform, 50, (gradients, params) => {
    t++;
    const weights = valuesOf(params);
    for (const { path, p, m, v } of moments) {
      for (const [i, g] of gradients[path].entries()) {
        m[i] = 0.9 * m[i] + 0.1 * g;
        v[i] = 0.999 * v[i] + 0.001 * g * g;
        const mean = m[i] / (1 - 0.9 ** t);
        const square = v[i] / (1 - 0.999 ** t);
        p[i] -= rate * (decay * p[i] + mean / (Math.sqrt(square) + 1e-8));
        furthest = Math.max(furthest, Math.abs(weights[path][i] - p[i]));
      }
    }
  });
  assert.ok(furthest > 0, "float32 that does not round");
  assert.ok(furthest < 2e-6, `furthest apart: ${furthest}`);
  tree.dispose(params);
  state.dispose();
});

test.after(() => task.close());
test.run();
