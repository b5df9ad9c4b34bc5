import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamW } from "../src/index.ts";
import {
  makeOptimizer,
  readCheckpointVectors,
  readVectorFile,
  runSteps,
  SAVED_AT,
  SHAPES,
  STEPS,
  type TorchRun,
} from "./reference/checkpoint-torch.ts";

// The Python of docs/checkpoint.md, as PyTorch ran it when the vectors were made: a checkpoint of
// ashlar that torch.optim.AdamW goes on from, and one that it was written from.

const test = suite("checkpoints and torch");

const vectors = readCheckpointVectors();
const NAMES = Object.keys(SHAPES);

interface Direction {
  readonly title: string;
  readonly file: "ashlar" | "torch";
  readonly run: TorchRun;
  /**
   * RMS error of the weights against float64, as a share of torch float32's: measured 0.213 and
   * 0.482. torch's factor 1 - lr*wd is rounded the same way in every step.
   */
  readonly rmsLimit: number;
  /** Largest difference to torch float32 of a weight, relative to at least 0.1: 1.30e-6, 7.8e-7. */
  readonly differenceLimit: number;
}

const DIRECTIONS: readonly Direction[] = [
  {
    title: "from ashlar to torch",
    file: "ashlar",
    run: vectors.toTorch,
    rmsLimit: 0.25,
    differenceLimit: 1.5e-6,
  },
  {
    title: "from torch to ashlar",
    file: "torch",
    run: vectors.toAshlar,
    rmsLimit: 0.55,
    differenceLimit: 9e-7,
  },
];

const bitsOf = (values: Float32Array) => [...new Uint32Array(values.slice().buffer)];
const fromBits = (bits: readonly number[]) => new Float32Array(Uint32Array.from(bits).buffer);

for (const { title, file, run, rmsLimit, differenceLimit } of DIRECTIONS) {
  test(`${title}: both sides have the same state, bit for bit`, async () => {
    const optimizer = await AdamW.load(readVectorFile(file));
    assert.is(optimizer.steps, SAVED_AT);
    assert.equal(optimizer.parameterNames.toSorted(), NAMES.toSorted());
    for (const name of NAMES) {
      const parameter = optimizer.parameter(name);
      const { step, param, ...moments } = run.state[name];
      assert.is(parameter.step, step, `step of ${name}`);
      assert.equal(bitsOf(parameter.master), param, name);
      // torch makes a parameter's state with its first update.
      const zeros = new Array(param.length).fill(0);
      assert.equal(bitsOf(parameter.expAvg), moments.exp_avg ?? zeros, `exp_avg of ${name}`);
      assert.equal(
        bitsOf(parameter.expAvgSq),
        moments.exp_avg_sq ?? zeros,
        `exp_avg_sq of ${name}`,
      );
      if (parameter.maxExpAvgSq === null) {
        assert.is(moments.max_exp_avg_sq, null, name);
      } else {
        assert.equal(bitsOf(parameter.maxExpAvgSq), moments.max_exp_avg_sq ?? zeros, name);
      }
    }
  });

  test(`${title}: both sides go on alike, ashlar nearer to float64`, async () => {
    const optimizer = await AdamW.load(readVectorFile(file));
    runSteps(optimizer, SAVED_AT, STEPS);
    let [ours, torchs, worst, torchsWorst, difference, moved] = [0, 0, 0, 0, 0, 0];
    for (const name of NAMES) {
      const { master } = optimizer.parameter(name);
      const single = fromBits(run.float32[name]);
      const before = fromBits(run.state[name].param);
      run.float64[name].forEach((exact, i) => {
        const error = Math.abs(master[i] - exact);
        const torchsError = Math.abs(single[i] - exact);
        ours += error * error;
        torchs += torchsError * torchsError;
        worst = Math.max(worst, error);
        torchsWorst = Math.max(torchsWorst, torchsError);
        const size = Math.max(Math.abs(single[i]), 0.1);
        difference = Math.max(difference, Math.abs(master[i] - single[i]) / size);
        moved = Math.max(moved, Math.abs(exact - before[i]));
      });
    }
    assert.ok(moved > 0.03, `weights moved by ${moved}`);
    assert.ok(difference <= differenceLimit, `relative difference ${difference}`);
    const ratio = Math.sqrt(ours / torchs);
    assert.ok(ratio <= rmsLimit, `RMS error ${ratio} of torch's`);
    assert.ok(worst <= torchsWorst, `worst error ${worst}, torch's ${torchsWorst}`);
  });
}

test("the state that torch got is the one that ashlar has today", async () => {
  const optimizer = await makeOptimizer();
  runSteps(optimizer, 0, SAVED_AT);
  const loaded = await AdamW.load(readVectorFile("ashlar"));
  assert.is(loaded.digest(), optimizer.digest());
  assert.is(loaded.configDigest(), optimizer.configDigest());
});

test("the groups that Python wrote are those of torch", async () => {
  const optimizer = await AdamW.load(readVectorFile("torch"));
  const groups = optimizer.groups.map(({ name, lr, weightDecay, betas, eps, amsgrad }) => {
    return { name, lr, weightDecay, betas: [...betas], eps, amsgrad };
  });
  const defaults = { betas: [0.9, 0.999], eps: 1e-8, amsgrad: false };
  assert.equal(groups, [
    { ...defaults, name: "group0", lr: 1e-3, weightDecay: 0.1 },
    { name: "group1", lr: 4e-3, weightDecay: 0.01, betas: [0.8, 0.99], eps: 1e-8, amsgrad: true },
    { ...defaults, name: "group2", lr: 2e-3, weightDecay: 0, eps: 1e-6 },
  ]);
  assert.is(optimizer.loadReport?.sameCore, false);
});

test.run();
