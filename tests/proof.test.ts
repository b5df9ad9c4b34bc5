import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { MARKS, proofDigests } from "./engines/proof.ts";
import { layoutDigest, randomOrders, randomPartitions } from "./engines/proof-layouts.ts";
import {
  fillGradient,
  fillGradient16,
  initialWeights,
  type Kind,
  PARAMETERS,
  type ProofParameter,
} from "./engines/proof-model.ts";

// The proof in Node at few steps. scripts/proof.mjs has it in all engines, and at more.

const test = suite("proof");

const STEPS = 5;
const COMMITTED = new Map(
  readFileSync("tests/engines/proof.txt", "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => [Number(line.slice(0, -65)), line.slice(-64)]),
);

function gradientOf({ index, length }: ProofParameter, step: number): Float32Array {
  const values = new Float32Array(length);
  fillGradient([new Uint32Array(values.buffer)], step, index);
  return values;
}

/** As numbers; all that the proof makes are finite. */
function gradient16Of({ index, length }: ProofParameter, step: number): Float32Array {
  const bits = new Uint16Array(length);
  fillGradient16([bits], step, index);
  return Float32Array.from(bits, (word) => {
    const exponent = (word >> 10) & 31;
    const fraction = (word & 1023) + (exponent > 0 ? 1024 : 0);
    const power = Math.max(exponent, 1) - 25;
    assert.ok(exponent < 31);
    return (word & 0x8000 ? -fraction : fraction) * 2 ** power;
  });
}

const ofKinds = (...kinds: Kind[]) => PARAMETERS.filter(({ kind }) => kinds.includes(kind));
const norm = (gradients: readonly Float32Array[]) =>
  Math.sqrt(gradients.reduce((sum, one) => one.reduce((all, value) => all + value ** 2, sum), 0));

test("the model is what the proof says", () => {
  const lengths = PARAMETERS.map(({ length }) => length);
  assert.is(lengths.length, 37);
  assert.is(
    lengths.reduce((a, b) => a + b),
    1_000_003,
  );
  for (const length of [0, 1, 2, 3, 5, 7]) assert.ok(lengths.includes(length), String(length));
  assert.is(new Set(PARAMETERS.map(({ name }) => name)).size, 37);
  assert.is(new Set(PARAMETERS.map(({ kind }) => kind)).size, 4);
});

test("gradients have zeros of both signs, subnormals, and norms on both sides of the clip", () => {
  const [full, half] = [ofKinds("weight", "norm", "attention"), ofKinds("mlp")];
  const norms = [1, 2, 3].map((step) => [
    norm(full.map((parameter) => gradientOf(parameter, step))),
    norm(half.map((parameter) => gradient16Of(parameter, step))),
  ]);
  for (const [of32, of16] of norms.slice(0, 2)) {
    assert.ok(of32 > 5 && of32 < 20, String(of32));
    assert.ok(of16 > 25 && of16 < 100, String(of16));
  }
  assert.ok(norms[2][0] > 20 && norms[2][1] > 100, String(norms[2]));
  const head = PARAMETERS[PARAMETERS.length - 1];
  for (const [values, smallest] of [
    [gradientOf(head, 1), 2 ** -126],
    [gradient16Of(head, 1), 2 ** -14],
  ] as const) {
    const share = (is: (value: number) => boolean) => values.filter(is).length / values.length;
    assert.ok(share((value) => Object.is(value, 0)) > 0.01);
    assert.ok(share((value) => Object.is(value, -0)) > 0.01);
    const subnormal = share((value) => value !== 0 && Math.abs(value) < smallest);
    assert.ok(subnormal > 0.006 && subnormal < 0.01, String(subnormal));
    for (let i = 255; i < values.length; i += 256) assert.ok(Math.abs(values[i]) < smallest);
  }
});

test("steps, parameters and weights are drawn apart", () => {
  const [a, b] = PARAMETERS.filter(({ length }) => length > 60_000);
  const start = (values: Float32Array) => values.slice(1, 65).join();
  const starts = [
    gradientOf(a, 1),
    gradientOf(a, 2),
    gradientOf(b, 1),
    initialWeights(a),
    initialWeights(b),
  ].map(start);
  assert.is(new Set(starts).size, starts.length);
});

test("the digest is the committed one, on one thread and on two", async () => {
  assert.equal([...COMMITTED.keys()], [...MARKS]);
  assert.equal([...(await proofDigests({ steps: STEPS }))], [[STEPS, COMMITTED.get(STEPS)]]);
  const threaded = await proofDigests({ steps: STEPS, threads: 2 });
  assert.is(threaded.get(STEPS), COMMITTED.get(STEPS));
});

test("a step fewer is another digest, and the marks on the way are there", async () => {
  const digests = await proofDigests({ steps: STEPS + 1 });
  assert.equal([...digests.keys()], [STEPS, STEPS + 1]);
  assert.is(digests.get(STEPS), COMMITTED.get(STEPS));
  assert.is.not(digests.get(STEPS + 1), COMMITTED.get(STEPS));
});

test("it is the same in random partitions and orders", async () => {
  for (const one of [...randomPartitions(4), ...randomOrders(2)]) {
    assert.is(await layoutDigest(STEPS, one), COMMITTED.get(STEPS), one.name);
  }
});

test("random layouts differ from one another", () => {
  const partitions = randomPartitions(100).map(({ layout }) => layout);
  assert.is(new Set(partitions.map(({ slabBytes }) => slabBytes)).size, 100);
  const whole = partitions.filter(({ splitParameters }) => !splitParameters);
  assert.ok(whole.length > 2 && whole.length < 50, String(whole.length));
  const all = PARAMETERS.map(({ index }) => index);
  const orders = randomOrders(20).map(({ layout }) => layout.order?.(all).join());
  assert.is(new Set([...orders, all.join()]).size, 21);
});

test.run();
