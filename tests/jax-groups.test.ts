import { suite } from "uvu";
import * as assert from "uvu/assert";
import { assignGroups } from "../src/adapters/groups.ts";
import { assertRefused } from "./reference/refused.ts";

const test = suite("jax-js: groups by name");

const NAMES = ["a.weight", "a.bias", "b.weight", "b.bias", "c"];
const ends = (end: string) => (name: string) => name.endsWith(end);

test("the first group that matches takes a name; the rest is the group default", () => {
  const groups = [
    { name: "bias", match: ends("bias"), weightDecay: 0 },
    { name: "b", match: (name: string) => name.startsWith("b."), lr: 0.5 },
  ];
  assert.equal(assignGroups(NAMES, groups), [
    { name: "bias", options: { weightDecay: 0 }, names: ["a.bias", "b.bias"] },
    { name: "b", options: { lr: 0.5 }, names: ["b.weight"] },
    { name: "default", options: {}, names: ["a.weight", "c"] },
  ]);
});

test("there is no group default where every name was taken, and nothing else without groups", () => {
  const all = { name: "all", match: () => true };
  assert.equal(assignGroups(NAMES, [all]), [{ name: "all", options: {}, names: NAMES }]);
  assert.equal(assignGroups(NAMES, []), [{ name: "default", options: {}, names: NAMES }]);
});

const match = () => true;
const REFUSED: [groups: unknown, error: ErrorConstructor, message: string][] = [
  [
    [{ name: "x", match: ends("nothing") }],
    RangeError,
    '"match" of group "x": expected to take a parameter, got none. ' +
      "The first group that matches a name takes it",
  ],
  [
    [
      { name: "all", match },
      { name: "late", match },
    ],
    RangeError,
    '"match" of group "late": expected to take a parameter, got none. ' +
      "The first group that matches a name takes it",
  ],
  [
    {},
    TypeError,
    '"groups" of the options: expected a list of { name, match, ... }, got an object',
  ],
  [
    [null],
    TypeError,
    '"groups[0]" of the options: expected an object { name, match, ... }, got null',
  ],
  [[{ match }], TypeError, '"name" of groups[0]: expected a string, got undefined'],
  [
    [{ name: "", match }],
    RangeError,
    '"name" of groups[0]: expected a string that is not empty, got ""',
  ],
  [
    [{ name: "default", match }],
    RangeError,
    '"name" of groups[0]: expected another name: that group gets what no other takes, got "default"',
  ],
  [
    [
      { name: "x", match: ends("bias") },
      { name: "x", match },
    ],
    RangeError,
    '"name" of groups[1]: expected a name that no other group has, got "x"',
  ],
  [
    [{ name: "x", match: /a/ }],
    TypeError,
    '"match" of group "x": expected a function (name) => boolean, got a RegExp',
  ],
  [
    [{ name: "x", match: () => 1 }],
    TypeError,
    '"match" of group "x" for parameter "a.weight": expected true or false, got 1',
  ],
];

for (const [groups, error, message] of REFUSED) {
  test(`refused: ${message}`, () => {
    assertRefused(() => assignGroups(NAMES, groups as never), error, message);
  });
}

test.run();
