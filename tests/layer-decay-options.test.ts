import { suite } from "uvu";
import * as assert from "uvu/assert";
import { families } from "../src/parameters/families.ts";
import { type LayerDecayOptions, layerDecay } from "../src/parameters/layer-decay.ts";

const test = suite("layer decay options");

type Loose = Record<string, unknown>;

/** Options of a sound rule, some of them replaced by what is wrong. */
function make(wrong: Loose) {
  return layerDecay({
    rate: 0.9,
    layerOf: families.bert,
    ...wrong,
  } as unknown as LayerDecayOptions);
}

function refuses(run: () => unknown, kind: ErrorConstructor, message: string): void {
  let error: unknown;
  try {
    run();
  } catch (caught) {
    error = caught;
  }
  assert.ok(error instanceof Error, `nothing thrown for: ${message}`);
  assert.is(error.message, message);
  assert.is(error.constructor, kind, message);
}

test("every wrong option is refused when the rule is made", () => {
  const family = "one of families, or a function of the name";
  const schemes = '"beit" or "paddle" or "timm" or "electra" or "paddle-doc"';
  const counts = "a number, a list of counts by stage, or an object of counts by stack";
  const cases: [Loose, ErrorConstructor, string, string, string][] = [
    [{ rate: "0.9" }, TypeError, "rate", "a finite number > 0", '"0.9"'],
    [{ rate: undefined }, TypeError, "rate", "a finite number > 0", "undefined"],
    [{ rate: 0 }, RangeError, "rate", "a finite number > 0", "0"],
    [{ rate: -0.5 }, RangeError, "rate", "a finite number > 0", "-0.5"],
    [{ rate: NaN }, RangeError, "rate", "a finite number > 0", "NaN"],
    [{ rate: Infinity }, RangeError, "rate", "a finite number > 0", "Infinity"],
    [{ layerOf: undefined }, TypeError, "layerOf", family, "undefined"],
    [{ layerOf: "bert" }, TypeError, "layerOf", family, '"bert"'],
    [{ layerOf: { ...families.bert } }, TypeError, "layerOf", family, "an object"],
    [{ convention: 1 }, TypeError, "convention", schemes, "1"],
    [{ convention: "BEiT" }, RangeError, "convention", schemes, '"BEiT"'],
    [{ convention: "toString" }, RangeError, "convention", schemes, '"toString"'],
    [{ minScale: null }, TypeError, "minScale", "a number from 0 to 1", "null"],
    [{ minScale: -0.1 }, RangeError, "minScale", "a number from 0 to 1", "-0.1"],
    [{ minScale: 1.5 }, RangeError, "minScale", "a number from 0 to 1", "1.5"],
    [{ minScale: NaN }, RangeError, "minScale", "a number from 0 to 1", "NaN"],
    [{ unmatched: true }, TypeError, "unmatched", '"scale-one" or "throw"', "true"],
    [{ unmatched: "ignore" }, RangeError, "unmatched", '"scale-one" or "throw"', '"ignore"'],
    [{ layers: "12" }, TypeError, "layers", counts, '"12"'],
    [{ layers: null }, TypeError, "layers", counts, "null"],
    [{ layers: [] }, TypeError, "layers", counts, "[]"],
    [{ layers: {} }, TypeError, "layers", counts, "an object"],
    [{ layers: 0 }, RangeError, "layers", "an integer >= 1", "0"],
    [{ layers: 1.5 }, RangeError, "layers", "an integer >= 1", "1.5"],
    [{ layers: NaN }, RangeError, "layers", "an integer >= 1", "NaN"],
    [{ layers: 2 ** 53 }, RangeError, "layers", "an integer >= 1", "9007199254740992"],
    [{ layers: [2, 0] }, RangeError, "layers[1]", "an integer >= 1", "0"],
    [{ layers: [2, "2"] }, TypeError, "layers[1]", "an integer >= 1", '"2"'],
    [{ layers: { text: -1 } }, RangeError, "layers.text", "an integer >= 1", "-1"],
    [{ layers: { text: {} } }, TypeError, "layers.text", "an integer >= 1", "an object"],
  ];
  for (const [wrong, kind, what, expected, got] of cases) {
    const message = `"${what}" of layerDecay: expected ${expected}, got ${got}`;
    refuses(() => make(wrong), kind, message);
  }
});

test("an unknown option is named beside the known ones", () => {
  refuses(
    () => make({ nLayers: 12 }),
    TypeError,
    '"nLayers" of layerDecay: expected one of rate, layerOf, layers, convention, minScale, unmatched, got an unknown key',
  );
});

test("options that are no object are refused", () => {
  for (const options of [undefined, null, 0.9]) {
    refuses(
      () => layerDecay(options as unknown as LayerDecayOptions),
      TypeError,
      `"options" of layerDecay: expected an object of options, got ${options}`,
    );
  }
});

test.run();
