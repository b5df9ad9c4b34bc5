import { suite } from "uvu";
import { AdamW, type AdamWOptions, families, layerDecay } from "../src/index.ts";
import {
  assertNothingAllocated,
  assertOwnCases,
  w,
  withGroup,
  withOptions,
  withParameters,
} from "./reference/bad-input.ts";
import type { RefusedRow } from "./reference/refused.ts";

const test = suite("bad input: groups and rules");

const withSlabs = (options: AdamWOptions) => () =>
  new AdamW({ w: { shape: [100_000] } }, { slabBytes: 1_048_576, ...options });

const ROWS: RefusedRow[] = [
  [
    "an unknown group key",
    withGroup({ name: "head", weightDeacy: 0 }),
    TypeError,
    '"weightDeacy" of group "head": expected one of lr, weightDecay, betas, eps, amsgrad, centralize, lrScale, clip, got an unknown key',
  ],
  [
    "a group's beta is too large",
    withGroup({ name: "head", betas: [2, 3] }),
    RangeError,
    '"betas[0]" of group "head": expected a number in [0, 1), got 2',
  ],
  [
    "a group's eps is too small for the common betas",
    withGroup({ eps: 1e-40 }),
    RangeError,
    '"eps" of group 0: expected at least 3.71723952525945e-37 with betas[1] 0.999, got 1e-40',
  ],
  [
    "a group's lrScale is NaN",
    withGroup({ lrScale: Number.NaN }),
    RangeError,
    '"lrScale" of group 0: expected a finite number >= 0, got NaN',
  ],
  [
    "a group's name is a number",
    withGroup({ name: 7 }),
    TypeError,
    '"name" of group 0: expected a string, got 7',
  ],
  [
    "a group is empty",
    () => new AdamW([{ params: w() }, { params: {}, name: "head" }]),
    RangeError,
    '"params" of group "head": expected at least one parameter, got none',
  ],
  [
    "a group among parameters",
    withParameters([{ params: w() }, { name: "v", shape: [2] }]),
    TypeError,
    '"[1]" of the list of groups: expected an object { params, ... } like its neighbours, got an object',
  ],
  [
    "two groups of one name",
    () =>
      new AdamW([
        { params: w(), name: "a" },
        { params: { v: new Float32Array(1) }, name: "a" },
      ]),
    RangeError,
    '"name" of group "a": expected a name that no other group has, got "a"',
  ],
  [
    "a name twice in a group",
    () =>
      new AdamW([
        {
          params: [
            { name: "w", shape: [1] },
            { name: "w", shape: [2] },
          ],
        },
      ]),
    RangeError,
    'parameter "w" of group 0: expected each name once, got it twice',
  ],
  [
    "a name in two groups",
    () => new AdamW([{ params: w() }, { params: w(), name: "head" }]),
    RangeError,
    'parameter "w" of group "head": expected each name once, got it in group 0 too',
  ],
  [
    "one group without its list",
    withParameters({ params: w(), lr: 0.1 }),
    TypeError,
    '"parameters" of the optimizer: expected a list of groups, got one group. Write [{ params, ... }]',
  ],
  // Rules.
  [
    "decays gives no boolean",
    withOptions({ decays: () => 1 }),
    TypeError,
    '"decays" of parameter "w": expected true or false, got 1',
  ],
  [
    "lrScale gives NaN",
    withOptions({ lrScale: () => Number.NaN }),
    RangeError,
    '"lrScale" of parameter "w": expected a finite number >= 0, got NaN',
  ],
  [
    "lrScale gives nothing",
    withOptions({ lrScale: () => {} }),
    TypeError,
    '"lrScale" of parameter "w": expected a finite number >= 0, got undefined',
  ],
  [
    "a layer rule that matches nothing",
    withOptions({ lrScale: layerDecay({ rate: 0.8, layerOf: families.bert }) }),
    RangeError,
    '"layerOf" of layerDecay: expected families.bert to match a parameter, got 1 unmatched of 1 ("w"). Where no family fits, give a function of the name',
  ],
  [
    "a layer index beyond layers",
    () =>
      new AdamW(
        { "bert.encoder.layer.12.output.dense.bias": new Float32Array(1) },
        { lrScale: layerDecay({ rate: 0.8, layers: 12, layerOf: families.bert }) },
      ),
    RangeError,
    '"layers" of layerDecay: expected more than 12, the block index in "bert.encoder.layer.12.output.dense.bias", got 12. Blocks are counted from 0',
  ],
  // Slabs.
  [
    "a parameter larger than its slab, splitting off",
    withSlabs({ splitParameters: false }),
    RangeError,
    '"length" of parameter "w": expected at most 47552 elements in a slab of 1048576 bytes, got 100000. Allow splitParameters, or raise slabBytes',
  ],
  [
    "slabs too small for anything",
    withSlabs({ slabBytes: 65_536 }),
    RangeError,
    '"slabBytes" of the options: expected at least 393216 bytes, room for 4096 elements, got 65536',
  ],
];

test("each row is its own case", () => assertOwnCases(ROWS));

for (const [why, act, kind, message] of ROWS) {
  test(`refused: ${why}`, () => assertNothingAllocated(act, kind, message));
}

test.run();
