import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  assignGroups,
  groupOf,
  type ReadGroup,
  readGroups,
  requireTaken,
} from "../src/adapters/groups.ts";
import { adamW } from "../src/adapters/jax/index.ts";
import * as tfjs from "../src/adapters/tfjs/index.ts";
import { loadJax } from "./reference/jax.ts";
import { assertRefused } from "./reference/refused.ts";
import { loadTf } from "./reference/tfjs.ts";

const test = suite("adapters: groups by name");

const { numpy } = await loadJax();
const tf = await loadTf();
await tf.setBackend("cpu");
await tfjs.ready();

const NAMES = ["a.weight", "a.bias", "b.weight", "b.bias", "c"];
const ends = (end: string) => (name: string) => name.endsWith(end);

test("the first group that matches takes a name; the rest is the group default", () => {
  const groups = readGroups([
    { name: "bias", match: ends("bias"), weightDecay: 0 },
    { name: "b", match: (name: string) => name.startsWith("b."), lr: 0.5 },
  ]);
  assert.equal(assignGroups(NAMES, groups), [
    { name: "bias", options: { weightDecay: 0 }, names: ["a.bias", "b.bias"] },
    { name: "b", options: { lr: 0.5 }, names: ["b.weight"] },
    { name: "default", options: {}, names: ["a.weight", "c"] },
  ]);
});

test("there is no group default where every name was taken, and nothing else without groups", () => {
  const all = readGroups([{ name: "all", match: () => true }]);
  assert.equal(assignGroups(NAMES, all), [{ name: "all", options: {}, names: NAMES }]);
  assert.equal(assignGroups(NAMES, readGroups(undefined)), [
    { name: "default", options: {}, names: NAMES },
  ]);
});

test("a match is a function, a pattern or a list of names", () => {
  const groups: ReadGroup[] = readGroups([
    // Global patterns begin where they left off, if they are asked the wrong way.
    { name: "pattern", match: /bias$/g },
    { name: "list", match: ["c", "b.weight"] },
  ]);
  const owners = [...NAMES, ...NAMES].map((name) => groupOf(name, groups));
  const once = ["default", "pattern", "list", "pattern", "list"];
  assert.equal(owners, [...once, ...once]);
});

test("both adapters take the same groups", () => {
  const shapes = { kernel: [2], bias: [1] };
  const groups = [{ name: "no decay", match: /bias$/, weightDecay: 0 }];
  const state = adamW(numpy as never, { groups }).init({
    kernel: numpy.zeros([2]),
    bias: numpy.zeros([1]),
  });
  const optimizer = tfjs.adamW(tf, { groups });
  const gradients = Object.entries(shapes).map(([name, shape]) => {
    tf.variable(tf.tensor([1, 2].slice(0, shape[0]), shape), true, name);
    return { name, tensor: tf.tensor([1, 2].slice(0, shape[0]), shape) };
  });
  optimizer.applyGradients(gradients);
  const expected = [
    ["bias", "no decay", 0],
    ["kernel", "default", 0.01],
  ];
  for (const each of [state.optimizer, optimizer.ashlar]) {
    const { groups, parameters } = each?.describe() ?? {};
    assert.equal(
      parameters?.map(({ name, group }) => [name, group]),
      expected.map(([name, group]) => [name, group]),
    );
    assert.equal(
      groups?.map(({ name, weightDecay }) => [name, weightDecay]),
      expected.map(([, group, decay]) => [group, decay]),
    );
  }
});

test("a group of variables that have not come yet is none yet", () => {
  const optimizer = tfjs.adamW(tf, { groups: [{ name: "late", match: ["late"], lr: 0.5 }] });
  const step = (name: string) => {
    tf.variable(tf.tensor([1]), true, name);
    optimizer.applyGradients({ [name]: tf.tensor([1]) });
    return optimizer.ashlar?.groups.map((group) => group.name);
  };
  assert.equal(step("early"), ["default"]);
  assert.equal(step("late"), ["default", "late"]);
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
    [{ name: "x", match: "a" }],
    TypeError,
    '"match" of group "x": expected a function (name) => boolean, a RegExp or a list of names, got "a"',
  ],
  [
    [{ name: "x", match: () => 1 }],
    TypeError,
    '"match" of group "x" for parameter "a.weight": expected true or false, got 1',
  ],
];

for (const [groups, error, message] of REFUSED) {
  test(`refused: ${message}`, () => {
    const deal = () => {
      const read = readGroups(groups);
      requireTaken(read, assignGroups(NAMES, read));
    };
    assertRefused(deal, error, message);
  });
}

test.run();
