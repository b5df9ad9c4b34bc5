import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamW } from "../src/index.ts";
import { training } from "./reference/arbitraries.ts";
import type { TrainingCase } from "./reference/cases.ts";
import { holdsAsync, shuffled } from "./reference/property.ts";
import { apply, openOptimizer, rulesOf, sumsUndisturbed } from "./reference/training-case.ts";

const test = suite("properties: checkpoints");

/** Names of the parameters whose sums of micro-batches wait in their gradient views. */
function waitingIn(file: Uint8Array): Set<string> {
  const length = Number(new DataView(file.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length)));
  const { accumulation } = JSON.parse(header.__metadata__["ashlar.state"]);
  const sums: { name: string; sparse: boolean }[] = accumulation?.parameters ?? [];
  return new Set(sums.filter(({ sparse }) => !sparse).map(({ name }) => name));
}

/** Gradients are no state, but what is in a view counts in the next step over views. */
function copyGradients(from: AdamW, to: AdamW, waiting: ReadonlySet<string>): void {
  for (const name of from.parameterNames) {
    const parts = to.parameter(name).parts;
    for (const [i, part] of from.parameter(name).parts.entries()) {
      // Sums lie in float32 views: the checkpoint must have brought them.
      if (!waiting.has(name)) parts[i].gradient.set(part.gradient);
      if (part.gradient16) parts[i].gradient16?.set(part.gradient16);
    }
  }
}

async function reloaded(optimizer: AdamW, run: TrainingCase, seed: number): Promise<AdamW> {
  const file = await optimizer.toBytes();
  // As it was, or in another order; the groups are found by their names.
  const groups = optimizer.groups.map(({ name }) => ({
    name,
    params: shuffled(
      optimizer.describe().parameters.filter(({ group }) => group === name),
      seed,
    ).map((parameter) => ({ name: parameter.name, shape: parameter.shape })),
  }));
  const parameters = seed % 2 === 0 ? {} : { parameters: shuffled(groups, seed) };
  const loaded = await AdamW.load(file, { ...rulesOf(run), ...parameters });
  assert.equal(loaded.loadReport?.differences, []);
  copyGradients(optimizer, loaded, waitingIn(file));
  optimizer.dispose();
  return loaded;
}

test("any training goes on from a checkpoint taken anywhere in it", async () => {
  const seeds = fc.array(fc.integer({ min: 1, max: 2 ** 31 - 1 }), { minLength: 3, maxLength: 3 });
  await holdsAsync(
    fc.asyncProperty(training(), seeds, async (run, [every, seed, more]) => {
      const straight = openOptimizer(run);
      let other = openOptimizer(run);
      const operations = sumsUndisturbed(run.operations);
      for (const [i, operation] of operations.entries()) {
        if ((i + every) % 3 === 0) other = await reloaded(other, run, seed + i * (more % 97));
        const [expected, got] = [straight, other].map((each) => {
          const outcome = apply(each, run, operation);
          if (outcome === null || outcome === "refused") return outcome;
          return { ...outcome, lr: null, overflowed: null };
        });
        assert.equal(got, expected, operation.do);
        assert.is(other.digest(), straight.digest(), `${operation.do}, ${i}`);
        assert.is(other.configDigest(), straight.configDigest());
      }
      for (const optimizer of [straight, other]) optimizer.dispose();
    }),
    60,
  );
});

test.run();
