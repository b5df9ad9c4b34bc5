import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Random } from "../examples/common/random.ts";
import { extractFeatures } from "../examples/language-detector/features.ts";
import { layerShapes, mapLayers } from "../examples/language-detector/network.ts";
import { makeOptimizer } from "../examples/language-detector/optimizer.ts";
import { Rival } from "../examples/language-detector/rival.ts";
import type { Sample } from "../examples/language-detector/sample.ts";
import { Sampler } from "../examples/language-detector/sampler.ts";
import { realistic } from "./reference/patterns.ts";

// What of the example goes on from where it stood.

const test = suite("language detector: resume");

const SAMPLES: Sample[] = Array.from({ length: 7 }, (_, i) => {
  const bytes = Uint8Array.from({ length: 200 + 400 * i }, (_, k) => 32 + ((k * (i + 3)) % 90));
  const features = extractFeatures(bytes);
  return { language: i % 2 ? "a" : "b", package: "p", path: `${i}`, bytes, features };
});
const samplerOf = (seed: number) => new Sampler(SAMPLES, ["a", "b"], new Random(seed));

test("a generator of another's state goes on like it", () => {
  const random = new Random(4_294_967_295);
  for (let i = 0; i < 5; i++) random.below(100);
  const other = new Random(random.state);
  const draw = (from: Random) => Array.from({ length: 20 }, () => from.below(1000));
  assert.equal(draw(other), draw(random));
});

test("a sampler of another's state draws what it draws next", () => {
  for (const drawn of [0, 1, 6, 7, 8, 30]) {
    const sampler = samplerOf(5);
    for (let i = 0; i < drawn; i++) sampler.next();
    const other = samplerOf(99);
    other.state = JSON.parse(JSON.stringify(sampler.state));
    for (let i = 0; i < 20; i++) assert.equal(other.next(), sampler.next(), `after ${drawn}`);
  }
});

test("a sampler refuses the state of another's samples, and stays as it is", () => {
  const sampler = samplerOf(1);
  sampler.next();
  const good = sampler.state;
  const wrong = [
    ...[
      [0, 1, 2],
      [0, 1, 2, 3, 4, 5, 5],
      [0, 1, 2, 3, 4, 5, 7],
    ].map((order) => ({ order })),
    ...[-1, 8, 1.5].map((at) => ({ at })),
  ];
  for (const change of wrong) {
    assert.throws(() => {
      sampler.state = { ...good, ...change };
    }, /of a sampler: expected/);
    assert.equal(sampler.state, good);
  }
});

test("a rival that is made later goes on with the optimizer's moments", async () => {
  const shape = { buckets: 9, embedding: 4, hidden1: 5, hidden2: 3, oldClasses: 2, newClasses: 1 };
  const shapes = layerShapes(shape);
  const filled = (seed: number) =>
    mapLayers((name) =>
      realistic(
        shapes[name].reduce((product, n) => product * n, 1),
        seed,
      ),
    );
  const settings = { steps: 20, layerDecay: 0.5, precision: "float32" } as const;
  const optimizer = await makeOptimizer(filled(1), shape, settings);
  let rival = new Rival(optimizer, settings.steps, settings.precision);
  for (let step = 0; step < settings.steps; step++) {
    if (step === 11) rival = new Rival(optimizer, settings.steps, settings.precision);
    const gradients = filled(100 + step);
    rival.step(gradients, step);
    optimizer.step(gradients);
    if (step === 11) assert.ok(rival.distanceTo(optimizer) < 1e-7);
  }
  assert.ok(rival.distanceTo(optimizer) < 1e-6, `${rival.distanceTo(optimizer)}`);
  optimizer.dispose();
});

test.run();
