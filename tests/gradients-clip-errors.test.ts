import { suite } from "uvu";
import {
  clipAdaptive,
  clipByGlobalNorm,
  clipByNorm,
  clipByValue,
  readClip,
} from "../src/gradients/clip.ts";
import { refuses } from "./reference/refuses.ts";

const test = suite("gradients: errors of clips");

// biome-ignore lint/suspicious/noExplicitAny: these are the calls that the types forbid
type Wrong = any;

const global = (...args: Wrong[]) => (clipByGlobalNorm as Wrong).bind(null, ...args);
const norm = (...args: Wrong[]) => (clipByNorm as Wrong).bind(null, ...args);
const value = (...args: Wrong[]) => (clipByValue as Wrong).bind(null, ...args);
const adaptive = (...args: Wrong[]) => (clipAdaptive as Wrong).bind(null, ...args);
const read = (clip: Wrong) => () => readClip(clip, "clip", "group 1");

test("clips", () => {
  const g = "of clipByGlobalNorm: expected";
  const v = "of clipByValue: expected";
  const a = "of clipAdaptive: expected";
  refuses([
    [global(), TypeError, `"max" ${g} a finite number > 0, got undefined`],
    [global("1"), TypeError, `"max" ${g} a finite number > 0, got "1"`],
    [global(0), RangeError, `"max" ${g} a finite number > 0, got 0`],
    [global(-1), RangeError, `"max" ${g} a finite number > 0, got -1`],
    [global(Infinity), RangeError, `"max" ${g} a finite number > 0, got Infinity`],
    [global(Number.NaN), RangeError, `"max" ${g} a finite number > 0, got NaN`],
    [global(1, null), TypeError, `"options" ${g} an object of options, got null`],
    [global(1, "torch"), TypeError, `"options" ${g} an object of options, got "torch"`],
    [global(1, { norm: 2 }), TypeError, `"norm" ${g} one of formula, got an unknown key`],
    [
      global(1, { formula: "keras" }),
      RangeError,
      `"formula" ${g} "torch" or "paddle" or "mindformers", got "keras"`,
    ],
    [
      global(1, { formula: 1 }),
      TypeError,
      `"formula" ${g} "torch" or "paddle" or "mindformers", got 1`,
    ],
    [norm(null), TypeError, '"max" of clipByNorm: expected a finite number > 0, got null'],
    [norm(0), RangeError, '"max" of clipByNorm: expected a finite number > 0, got 0'],
    [value(0), RangeError, `"max" ${v} a finite number > 0, got 0`],
    [value(-1), RangeError, `"max" ${v} a finite number > 0, got -1`],
    [value(1n), TypeError, `"max" ${v} a finite number > 0, got 1n`],
    [value(Infinity, { min: 0 }), RangeError, `"max" ${v} a finite number, got Infinity`],
    [value("1", { min: 0 }), TypeError, `"max" ${v} a finite number, got "1"`],
    [value(1, { min: -Infinity }), RangeError, `"min" ${v} a finite number, got -Infinity`],
    [value(1, { min: Number.NaN }), RangeError, `"min" ${v} a finite number, got NaN`],
    [value(1, { min: null }), TypeError, `"min" ${v} a finite number, got null`],
    [value(1, { min: 2 }), RangeError, `"min" ${v} at most max, 1, got 2`],
    [value(1, [0]), TypeError, `"options" ${v} an object of options, got [0]`],
    [value(1, { low: 0 }), TypeError, `"low" ${v} one of min, got an unknown key`],
    [adaptive(0), RangeError, `"factor" ${a} a finite number > 0, got 0`],
    [adaptive({}), TypeError, `"factor" ${a} a finite number > 0, got an object`],
    [adaptive(1, 3), TypeError, `"options" ${a} an object of options, got 3`],
    [adaptive(1, { floor: -1 }), RangeError, `"floor" ${a} a finite number >= 0, got -1`],
    [adaptive(1, { floor: "0" }), TypeError, `"floor" ${a} a finite number >= 0, got "0"`],
    [
      adaptive(1, { convention: "paper" }),
      RangeError,
      `"convention" ${a} "timm" or "composer", got "paper"`,
    ],
    [
      adaptive(1, { convention: null }),
      TypeError,
      `"convention" ${a} "timm" or "composer", got null`,
    ],
    [adaptive(1, { eps: 1 }), TypeError, `"eps" ${a} one of floor, convention, got an unknown key`],
  ]);
});

test("clips that are read back", () => {
  const expected =
    '"clip" of group 1: expected clipByGlobalNorm(...), clipByNorm(...), clipByValue(...) or clipAdaptive(...), got';
  refuses([
    [read(1), TypeError, `${expected} 1`],
    [read(null), TypeError, `${expected} null`],
    [read(undefined), TypeError, `${expected} undefined`],
    [read("norm"), TypeError, `${expected} "norm"`],
    [read({ kind: "agc", max: 1 }), TypeError, `${expected} an object`],
    [read(clipByNorm), TypeError, `${expected} function clipByNorm`],
    [
      read({ kind: "norm", max: -1 }),
      RangeError,
      '"max" of clipByNorm: expected a finite number > 0, got -1',
    ],
    [
      read({ kind: "norm", max: 1, min: 0 }),
      TypeError,
      '"min" of clip of group 1: expected one of kind, max, got an unknown key',
    ],
    [
      read({ kind: "globalNorm", max: 1, formula: "x" }),
      RangeError,
      '"formula" of clipByGlobalNorm: expected "torch" or "paddle" or "mindformers", got "x"',
    ],
    [
      read({ kind: "value", max: 1, min: 3 }),
      RangeError,
      '"min" of clipByValue: expected at most max, 1, got 3',
    ],
    [
      read({ kind: "adaptive", factor: 1, floor: -1 }),
      RangeError,
      '"floor" of clipAdaptive: expected a finite number >= 0, got -1',
    ],
  ]);
});

test.run();
