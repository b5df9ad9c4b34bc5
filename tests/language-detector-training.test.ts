import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Random } from "../examples/common/random.ts";
import type { Features } from "../examples/language-detector/features.ts";
import { type HalfFormat, narrow, wideningTable } from "../examples/language-detector/half.ts";
import { modelWeights } from "../examples/language-detector/model-weights.ts";
import {
  LAYERS,
  type LayerName,
  layerShapes,
  mapLayers,
  Network,
} from "../examples/language-detector/network.ts";
import { makeOptimizer } from "../examples/language-detector/optimizer.ts";
import { PlainAdamW } from "../examples/language-detector/plain-adamw.ts";
import { Rival } from "../examples/language-detector/rival.ts";
import { AdamW } from "../src/index.ts";
import { realistic } from "./reference/patterns.ts";

// What the example trains with: its gradients, its plain loop, and the two optimizers side by side.

const test = suite("language detector: training");

const SMALL = { buckets: 11, embedding: 5, hidden1: 7, hidden2: 6, oldClasses: 4, newClasses: 2 };
const FILE: Features = {
  buckets: Uint16Array.of(1, 4, 9),
  counts: Uint16Array.of(3, 1, 2),
  total: 6,
};

function smallWeights() {
  const shapes = layerShapes(SMALL);
  const random = new Random(3);
  return mapLayers((name) => {
    const length = shapes[name].reduce((product, n) => product * n, 1);
    return Float32Array.from({ length }, () => random.below(2001) / 1000 - 1);
  });
}

test("backward agrees with finite differences in every layer", () => {
  const network = new Network(SMALL);
  for (const label of [1, 5]) {
    const weights = smallWeights();
    const zeros = () => mapLayers((name) => new Float32Array(weights[name].length));
    const gradients = zeros();
    network.backward(weights, gradients, FILE, label, 0.5);
    const lossWith = (name: LayerName, i: number, value: number) => {
      const kept = weights[name][i];
      weights[name][i] = value;
      const loss = network.backward(weights, zeros(), FILE, label, 1);
      weights[name][i] = kept;
      return 0.5 * loss;
    };
    for (const name of LAYERS) {
      let moved = 0;
      for (let i = 0; i < weights[name].length; i++) {
        const [above, below] = [weights[name][i] + 2 ** -9, weights[name][i] - 2 ** -9];
        const slope = (lossWith(name, i, above) - lossWith(name, i, below)) / 2 ** -8;
        assert.ok(Math.abs(slope - gradients[name][i]) < 2e-4, `${name}[${i}]: ${slope}`);
        if (gradients[name][i] !== 0) moved++;
      }
      assert.ok(moved > 0, `${name} has a gradient`);
    }
  }
});

test("backward adds to the gradients that are there", () => {
  const network = new Network(SMALL);
  const weights = smallWeights();
  const once = mapLayers((name) => new Float32Array(weights[name].length));
  const twice = mapLayers((name) => new Float32Array(weights[name].length));
  network.backward(weights, once, FILE, 0, 1);
  network.backward(weights, twice, FILE, 0, 1);
  network.backward(weights, twice, FILE, 0, 1);
  for (const name of LAYERS) {
    once[name].forEach((g, i) => {
      assert.ok(Math.abs(twice[name][i] - 2 * g) <= 1e-6 * Math.abs(g), `${name}[${i}]`);
    });
  }
});

test("the plain loop is AdamW's formula", () => {
  const [beta1, beta2, eps, lr, decay] = [0.9, 0.95, 1e-8, 0.01, 0.1];
  const plain = new PlainAdamW({ beta1, beta2, eps, precision: "float32" });
  const start = realistic(50, 1);
  const parameter = plain.add(start, decay);
  const expected = Array.from(start, (p) => ({ p, m: 0, v: 0 }));
  for (let t = 1; t <= 20; t++) {
    const gradient = realistic(50, 100 + t);
    plain.begin();
    plain.update(parameter, gradient, lr);
    expected.forEach((x, i) => {
      x.m = beta1 * x.m + (1 - beta1) * gradient[i];
      x.v = beta2 * x.v + (1 - beta2) * gradient[i] ** 2;
      const step = x.m / (1 - beta1 ** t) / (Math.sqrt(x.v / (1 - beta2 ** t)) + eps);
      x.p -= lr * (step + decay * x.p);
    });
  }
  expected.forEach(({ p }, i) => {
    assert.ok(Math.abs(parameter.weights[i] - p) < 1e-6, `[${i}] ${parameter.weights[i]} ${p}`);
  });
});

for (const format of ["float16", "bfloat16"] as const satisfies readonly HalfFormat[]) {
  test(`${format}: narrowing is the optimizer's, and widening undoes it`, async () => {
    const special = [0, -0, 1, 65519, -65504, 6e-8, -2.9e-8, 3.1e-5, 6.2e-5, 2049, 2051];
    const data = Float32Array.of(...special, ...realistic(500, 9));
    const optimizer = await AdamW.create({ w: data }, { precision: { model: format } });
    const narrowed = new Uint16Array(data.length);
    narrow(new Uint32Array(data.buffer), format, narrowed);
    assert.equal(narrowed, optimizer.parameter("w").model);
    const table = wideningTable(format);
    const again = new Uint16Array(data.length);
    narrow(new Uint32Array(Float32Array.from(narrowed, (h) => table[h]).buffer), format, again);
    assert.equal(again, narrowed);
    optimizer.dispose();
  });
}

test("the rival follows the optimizer: same groups, rates, layer shares and decay", async () => {
  const weights = smallWeights();
  for (const precision of ["float32", "bfloat16"] as const) {
    const flags = { steps: 12, layerDecay: 0.5, precision };
    const optimizer = await makeOptimizer(weights, SMALL, flags);
    const rival = new Rival(optimizer, flags.steps, precision);
    const network = new Network(SMALL);
    const current = modelWeights(optimizer, precision);
    for (let step = 0; step < flags.steps; step++) {
      optimizer.zeroGradients();
      const gradients = mapLayers((name) => optimizer.gradient(name));
      network.backward(current(), gradients, FILE, step % 6, 1);
      rival.step(gradients, step);
      optimizer.step();
    }
    assert.ok(
      optimizer.parameter("wide.weight").master.some((w, i) => w !== weights["wide.weight"][i]),
    );
    assert.ok(rival.distanceTo(optimizer) < 1e-6, `${rival.distanceTo(optimizer)}`);
    optimizer.dispose();
  }
});

test("at 16 bits the network computes with the widened model copy", async () => {
  const weights = smallWeights();
  const optimizer = await makeOptimizer(weights, SMALL, {
    ...{ steps: 2, layerDecay: 1, precision: "bfloat16" },
  });
  const widened = modelWeights(optimizer, "bfloat16")()["embedding.weight"];
  widened.forEach((value, i) => {
    const exact = weights["embedding.weight"][i];
    assert.ok(Math.abs(value - exact) <= 2 ** -8 * Math.abs(exact), `[${i}]`);
  });
  assert.ok(widened.some((value, i) => value !== weights["embedding.weight"][i]));
  optimizer.dispose();
});

test.run();
