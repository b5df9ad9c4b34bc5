import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamW, adamw, DecoupledAdamW } from "../src/index.ts";
import { differingBits } from "./reference/bits.ts";
import { realistic, tiny } from "./reference/patterns.ts";

const test = suite("functional form");

const LENGTHS = [0, 1, 7, 16, 1000, 4099];

/** Parameters and their state, as plain arrays and by name. */
function problem() {
  const params = LENGTHS.map((length, i) => realistic(length, i + 1));
  const zeros = () => params.map(({ length }) => new Float32Array(length));
  return {
    params,
    byName: Object.fromEntries(params.map((data, i) => [`p${i}`, data.slice()])),
    state: { expAvgs: zeros(), expAvgSqs: zeros(), maxExpAvgSqs: zeros() },
    // Some of them subnormal, so that the flush of every 64th update has something to do.
    gradients: (k: number) =>
      LENGTHS.map((length, i) => (k % 5 ? realistic : tiny)(length, 100 * k + i)),
  };
}

type Problem = ReturnType<typeof problem>;

/** Throws where a plain array differs from the optimizer's in a bit. */
function assertSame({ params, state }: Problem, optimizer: AdamW | DecoupledAdamW, why: string) {
  LENGTHS.forEach((_, i) => {
    const view = optimizer.parameter(`p${i}`);
    assert.is(differingBits(params[i], view.master), -1, `${why}: params[${i}]`);
    assert.is(differingBits(state.expAvgs[i], view.expAvg), -1, `${why}: expAvgs[${i}]`);
    assert.is(differingBits(state.expAvgSqs[i], view.expAvgSq), -1, `${why}: expAvgSqs[${i}]`);
    const vmax = view.maxExpAvgSq;
    if (vmax) assert.is(differingBits(state.maxExpAvgSqs[i], vmax), -1, `${why}: max[${i}]`);
  });
}

for (const amsgrad of [false, true]) {
  test(`adamw has the class's bits over 130 steps, amsgrad ${amsgrad}`, () => {
    const plain = problem();
    const options = { weightDecay: 0.1, amsgrad, maximize: true };
    const betas = [0.8, 0.97] as const;
    const optimizer = new AdamW(plain.byName, { ...options, betas, eps: 1e-6, lr: 0.01 });
    const { expAvgs, expAvgSqs, maxExpAvgSqs } = plain.state;
    for (let k = 0; k < 130; k++) {
      const grads = plain.gradients(k);
      optimizer.step(Object.fromEntries(grads.map((g, i) => [`p${i}`, g])));
      const steps = LENGTHS.map(() => k + 1);
      adamw(plain.params, grads, expAvgs, expAvgSqs, amsgrad ? maxExpAvgSqs : [], steps, {
        ...options,
        lr: 0.01,
        beta1: 0.8,
        beta2: 0.97,
        eps: 1e-6,
      });
    }
    assertSame(plain, optimizer, "after 130 steps");
  });

  test(`DecoupledAdamW.adamw has the class's bits over 70 steps, amsgrad ${amsgrad}`, () => {
    const plain = problem();
    const lr = (k: number) => 0.01 / (k + 1);
    const optimizer = new DecoupledAdamW(plain.byName, { lr, initialLr: 0.01, amsgrad });
    const { expAvgs, expAvgSqs, maxExpAvgSqs } = plain.state;
    const stateSteps = new Int32Array(LENGTHS.length);
    for (let k = 0; k < 70; k++) {
      const grads = plain.gradients(k);
      optimizer.step(Object.fromEntries(grads.map((g, i) => [`p${i}`, g])));
      stateSteps.fill(k + 1);
      DecoupledAdamW.adamw(plain.params, grads, expAvgs, expAvgSqs, maxExpAvgSqs, stateSteps, {
        amsgrad,
        beta1: 0.9,
        beta2: 0.95,
        lr: lr(k),
        initialLr: 0.01,
        weightDecay: 1e-5,
        eps: 1e-8,
      });
      assert.ok(
        stateSteps.every((step) => step === k + 1),
        "only read",
      );
    }
    assertSame(plain, optimizer, "after 70 steps");
  });
}

test("every 64th update flushes subnormal moments, as the class does, and no other does", () => {
  for (const last of [63, 64]) {
    const plain = problem();
    const optimizer = new AdamW(plain.byName, { amsgrad: true });
    const zeros = LENGTHS.map((length) => new Float32Array(length));
    const { expAvgs, expAvgSqs, maxExpAvgSqs } = plain.state;
    for (let t = 1; t <= last; t++) {
      if (t === last) {
        LENGTHS.forEach((length, i) => {
          expAvgs[i].set(tiny(length, i + 1));
          expAvgSqs[i].set(tiny(length, i + 2).map(Math.abs));
          maxExpAvgSqs[i].set(tiny(length, i + 3).map(Math.abs));
          const view = optimizer.parameter(`p${i}`);
          view.expAvg.set(expAvgs[i]);
          view.expAvgSq.set(expAvgSqs[i]);
          view.maxExpAvgSq?.set(maxExpAvgSqs[i]);
        });
      }
      optimizer.step(Object.fromEntries(zeros.map((g, i) => [`p${i}`, g])));
      const steps = LENGTHS.map(() => t);
      adamw(plain.params, zeros, expAvgs, expAvgSqs, maxExpAvgSqs, steps, { amsgrad: true });
    }
    assertSame(plain, optimizer, `after ${last} steps`);
    const subnormal = expAvgs[5].some((m) => m !== 0 && Math.abs(m) < 2 ** -126);
    assert.is(subnormal, last === 63);
  }
});

test("each parameter has its own step", () => {
  const plain = problem();
  const optimizer = new AdamW(plain.byName);
  const { expAvgs, expAvgSqs } = plain.state;
  const steps = LENGTHS.map(() => 0);
  for (let k = 0; k < 10; k++) {
    const taking = LENGTHS.map((_, i) => i).filter((i) => k % (i + 1) === 0);
    const grads = plain.gradients(k);
    optimizer.step(Object.fromEntries(taking.map((i) => [`p${i}`, grads[i]])));
    for (const i of taking) steps[i]++;
    const of = <T>(list: readonly T[]) => taking.map((i) => list[i]);
    adamw(of(plain.params), of(grads), of(expAvgs), of(expAvgSqs), [], of(steps));
  }
  assertSame(plain, optimizer, "after 10 steps");
});

test.run();
