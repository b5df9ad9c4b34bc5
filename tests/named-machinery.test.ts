import { suite } from "uvu";
import * as assert from "uvu/assert";
import { clipByGlobalNorm, clipByNorm, clipByValue } from "../src/gradients/clip.ts";
import {
  AdamW,
  AdamWDL,
  type AdamWOptions,
  DecoupledAdamW,
  MindFormersAdamW,
} from "../src/index.ts";
import { realistic } from "./reference/patterns.ts";
import { narrowed } from "./reference/round-half.ts";

// The common machinery under the originals' names: what an option of theirs does is what AdamW's
// option does, bit for bit.

const test = suite("machinery of the named optimizers");

const weights = () => ({
  w: { shape: [4, 16], data: realistic(64, 1) },
  v: { shape: [16], data: realistic(16, 2) },
});
const gradientsAt = (k: number) => ({ w: realistic(64, 10 * k + 3), v: realistic(16, 10 * k + 4) });

type Member = AdamW | AdamWDL | MindFormersAdamW | DecoupledAdamW;

function run<Of extends Member>(optimizer: Of): Of {
  for (let k = 0; k < 4; k++) optimizer.step(gradientsAt(k));
  return optimizer;
}

const common = (options: AdamWOptions) => run(new AdamW(weights(), options)).digest();
const paddle = { formula: "paddle" } as const;
const mindFormers = { formula: "mindformers" } as const;

test("AdamWDL's gradClip clips as AdamW's clip, by Paddle's formula", () => {
  const clipped = (gradClip: Exclude<AdamWOptions["clip"], undefined>) =>
    run(new AdamWDL({ parameters: weights(), gradClip })).digest();
  const byNorm = clipped(clipByGlobalNorm(0.5));
  assert.is(byNorm, common({ clip: clipByGlobalNorm(0.5, paddle) }));
  assert.is.not(byNorm, common({ clip: clipByGlobalNorm(0.5) }), "torch's");
  assert.is.not(byNorm, common({}));
  assert.is(clipped(clipByNorm(0.25)), common({ clip: clipByNorm(0.25) }));
  assert.is(clipped(clipByValue(0.125)), common({ clip: clipByValue(0.125) }));
});

test("MindFormersAdamW clips by its own formula, DecoupledAdamW by torch's", () => {
  // Above every norm here: torch's coefficient is 1, theirs a little less.
  const clip = clipByGlobalNorm(8);
  const ours = run(new MindFormersAdamW(weights(), { clip })).digest();
  const wanted = { weightDecay: 0, clip: clipByGlobalNorm(8, mindFormers) };
  assert.is(ours, common(wanted));
  assert.is.not(ours, common({ weightDecay: 0, clip }));
  const composer = run(new DecoupledAdamW(weights(), { clip, weightDecay: 0 })).digest();
  assert.is(composer, common({ clip, weightDecay: 0, betas: [0.9, 0.95] }));
});

test("lazyMode is lazy: a row-sparse gradient moves its own rows only", () => {
  const sparse = { w: { rows: [1, 3], values: realistic(32, 9) } };
  for (const lazy of [false, true]) {
    const ours = run(new AdamWDL({ parameters: weights(), lazyMode: lazy }));
    const wanted = run(new AdamW(weights(), { lazy }));
    const before = ours.parameter("w").master.slice(0, 16);
    for (const optimizer of [ours, wanted]) optimizer.step(sparse);
    assert.is(ours.digest(), wanted.digest());
    const moved = ours
      .parameter("w")
      .master.slice(0, 16)
      .some((p, i) => p !== before[i]);
    assert.is(moved, !lazy, "row 0 has no gradient");
  }
});

test("multiPrecision keeps float32 masters; by default a 16-bit model is all there is", () => {
  for (const model of ["float16", "bfloat16"] as const) {
    const ours = (multiPrecision?: boolean) => {
      const options = multiPrecision === undefined ? {} : { multiPrecision };
      const optimizer = new AdamWDL({ parameters: weights(), precision: { model }, ...options });
      return run(optimizer).digest();
    };
    assert.is(ours(true), common({ precision: { model } }));
    assert.is(ours(false), common({ precision: { model, master: false } }));
    assert.is(ours(), ours(false));
    assert.is.not(ours(), ours(true));
  }
});

test("16-bit parameters alone mean what AdamW's precision means", () => {
  for (const dtype of ["float16", "bfloat16"] as const) {
    const parameters = () => ({
      w: { shape: [4, 16], data: narrowed(realistic(64, 1), dtype).halves, dtype },
      v: { shape: [16], data: narrowed(realistic(16, 2), dtype).halves, dtype },
    });
    const wanted = (master: boolean, weightDecay?: number) => {
      const precision = { model: dtype, master };
      const options = weightDecay === undefined ? {} : { weightDecay };
      return run(new AdamW(parameters(), { precision, ...options })).digest();
    };
    const paddle = (multiPrecision: boolean) =>
      run(new AdamWDL({ parameters: parameters(), multiPrecision })).digest();
    const mindFormers = (arithmetic: "intended" | "executed") =>
      run(new MindFormersAdamW(parameters(), { arithmetic })).digest();
    assert.is(paddle(true), wanted(true));
    assert.is(paddle(false), wanted(false));
    assert.is(mindFormers("intended"), wanted(true, 0));
    assert.is(mindFormers("executed"), wanted(false, 0));
    assert.is(new Set([paddle(true), paddle(false), mindFormers("intended")]).size, 3);
  }
});

test("MindFormersAdamW executed keeps no masters beside a 16-bit model, else it does", () => {
  const precision = { model: "float16" } as const;
  const ours = (arithmetic: "intended" | "executed") =>
    run(new MindFormersAdamW(weights(), { precision, arithmetic })).digest();
  assert.is(ours("intended"), common({ precision, weightDecay: 0 }));
  assert.is(
    ours("executed"),
    common({ precision: { ...precision, master: false }, weightDecay: 0 }),
  );
  assert.is.not(ours("intended"), ours("executed"));
});

test("gradCentralization of a group centralizes the gradients of its parameters", () => {
  const { w, v } = weights();
  const groups = (key: string) => [{ params: { w }, [key]: true }, { params: { v } }];
  const ours = run(new MindFormersAdamW(groups("gradCentralization")));
  const wanted = run(new AdamW(groups("centralize"), { weightDecay: 0 }));
  assert.is(ours.digest(), wanted.digest());
  assert.is.not(ours.digest(), common({ weightDecay: 0 }));
});

test.run();
