import { suite } from "uvu";
import * as assert from "uvu/assert";
import { optionDifferences } from "../src/bin/compare/configurations.ts";
import { compareLines } from "../src/bin/compare/print.ts";
import { summaryLines } from "../src/bin/compare/summary.ts";
import { whatOf, whatOfAll } from "../src/bin/compare/words.ts";
import { lossLines } from "../src/bin/convert/print.ts";
import { differences } from "../src/bin/diff/state-differences.ts";
import { reportLines } from "../src/bin/inspect/print.ts";
import { groupLines, runFacts } from "../src/bin/inspect/print-run.ts";
import { readRun } from "../src/bin/saved-run.ts";
import { showSize } from "../src/bin/text/format.ts";
import { showOption } from "../src/bin/text/show-option.ts";
import { verifyLines } from "../src/bin/verify/print.ts";
import type { Wrong } from "./reference/bad-input.ts";
import { savedState } from "./reference/bin-tool.ts";

// What the tool says of rare findings. The common ones are in the tests of each command.

const test = suite("bin: words for rare findings");

const side = {
  file: "f",
  class: "AdamW",
  stride: 16,
  ending: "closed",
  lines: 9,
  resumed: 0,
  steps: 5,
};
const parting = {
  step: 7,
  lines: { a: 8, b: 8 },
  settings: [],
  gradients: [],
  outcome: [],
  states: [],
};
const value = (what: string, parameter: string | null = "w") => ({
  what,
  parameter,
  a: "1",
  b: "2",
});
const REPORT: Wrong = {
  a: { ...side, file: "a.jsonl" },
  b: { ...side, file: "b.jsonl" },
  same: false,
  verdict: "optimizer",
  recorders: [],
  options: [],
  parameterCount: 4,
  onlyInA: [],
  onlyInB: [],
  reshaped: [],
  start: [],
  compared: { from: 1, to: 5, skipped: 0 },
  statesCompared: true,
  wholeStateAt: 3,
  first: null,
  end: [value("state"), value("digest", null)],
  digest: null,
};

const BLAME = [
  "Did the program assign weights, betas, eps or weight decay on the way, in one of them only? Otherwise",
  "ashlar, the engine or the memory is to blame: where it comes back in another run, please report it.",
];

const SUMMARIES: [why: string, changes: Wrong, lines: string[]][] = [
  [
    "at the end alone",
    {},
    [
      "Different: at the end, in the state of 1 of 4 parameters, the digest. The same in 5 steps",
      ...BLAME,
    ],
  ],
  [
    "by another core",
    { recorders: [{ what: "core", a: "1", b: "2" }] },
    [
      "Different: at the end, in the state of 1 of 4 parameters, the digest. The same in 5 steps",
      "They ran two versions of ashlar's core: the bits are promised for one.",
    ],
  ],
  [
    "by another core and another kernel",
    { recorders: [value("core"), value("kernel")] },
    [
      "Different: at the end, in the state of 1 of 4 parameters, the digest. The same in 5 steps",
      ...BLAME,
    ],
  ],
  [
    "in length, before any step, after a whole state",
    { verdict: "length", compared: null, wholeStateAt: 3 },
    ["Different: in length. Same as far as both go, the state after step 3"],
  ],
  [
    "in gradients, where states could not be compared",
    {
      verdict: "gradients",
      statesCompared: false,
      first: { ...parting, gradients: [value("gradient")] },
    },
    [
      "Different: from step 7 on, in the gradients of 1 of 4 parameters",
      "Most likely what computes gradients is to blame (the data, the framework, its backend).",
      "The states could not be compared: they were recorded with other strides on the way.",
      "As the others are the same, look at the backward pass of these: a sum in another order?",
    ],
  ],
  [
    "in gradients, recorded with two strides",
    {
      verdict: "gradients",
      statesCompared: false,
      b: { ...side, stride: 4 },
      parameterCount: 1,
      first: { ...parting, gradients: [value("gradient")] },
    },
    [
      "Different: from step 7 on, in the gradients of 1 of 1 parameter",
      "Most likely what computes gradients is to blame (the data, the framework, its backend).",
      "The states could not be compared: they were recorded with strides 16 and 4.",
    ],
  ],
  [
    "in gradients, with stride 1 and no whole state",
    {
      verdict: "gradients",
      wholeStateAt: null,
      a: { ...side, stride: 1 },
      first: { ...parting, gradients: [value("gradient")] },
    },
    [
      "Different: from step 7 on, in the gradients of 1 of 4 parameters",
      "Most likely what computes gradients is to blame (the data, the framework, its backend).",
      "The state was compared in part.",
      "As the others are the same, look at the backward pass of these: a sum in another order?",
    ],
  ],
  [
    "in the state, where states could not be compared",
    {
      statesCompared: false,
      first: { ...parting, states: [value("state")] },
    },
    [
      "Different: from step 7 on, in the state of 1 of 4 parameters, by the same gradients",
      "It happened in one of the steps 4 to 7.",
      "Recorded with stride: 1, a ledger tells in which.",
      ...BLAME,
    ],
  ],
];

for (const [why, changes, lines] of SUMMARIES) {
  test(`runs differ ${why}`, () => assert.equal(summaryLines({ ...REPORT, ...changes }), lines));
}

test("what is the same, of ledgers that were not closed alike", () => {
  const same = (changes: Wrong) =>
    summaryLines({ ...REPORT, verdict: "same", end: [], ...changes });
  const open = { ...side, ending: "open" };
  const of = [
    same({ a: open }),
    same({ b: open }),
    same({ a: open, b: open }),
    same({ a: open, b: open, wholeStateAt: 5 }),
    same({ a: open, b: open, wholeStateAt: null, statesCompared: false }),
    same({ a: open, b: open, compared: null, wholeStateAt: null }),
    same({ a: open, b: open, compared: null, wholeStateAt: 3 }),
  ].map(([line]) => line);
  assert.equal(of, [
    "Same: 5 steps. A was not closed, so that the state since step 3 was compared in part",
    "Same: 5 steps. B was not closed, so that the state since step 3 was compared in part",
    "Same: 5 steps. Neither was closed, so that the state since step 3 was compared in part",
    "Same: 5 steps and the state after them. Neither was closed",
    "Same: 5 steps. Neither was closed, so that the state was compared in part",
    "Same: 0 steps. Neither was closed, so that the state was compared in part",
    "Same: 0 steps and the state after them. Neither was closed",
  ]);
});

test("names and values: many, whether a step was applied, zeros with a sign", () => {
  const settings = ["lr", "loss scale", "eps", "betas"].map((what) => value(what, null));
  assert.is(whatOf({ ...parting, settings } as Wrong, 4), "lr, loss scale, eps and 1 more");
  assert.is(whatOfAll([value("applied", null)], 4), "whether it was applied");
  const recorders = [
    { where: "recorder", what: "engine", a: "node 20", b: undefined },
    { where: "recorder", what: "threads", a: 1, b: 2 },
  ];
  const wordsOf = (changes: object) =>
    compareLines({ ...REPORT, recorders, first: { ...parting, ...changes } }, 24).map((line) =>
      line.trim().replace(/ +/g, " "),
    );
  const words = [
    ...wordsOf({ settings: [{ what: "lr", parameter: null, a: -0, b: 0 }] }),
    ...wordsOf({ outcome: [{ what: "applied", parameter: null, a: true, b: undefined }] }),
  ];
  for (const expected of ["lr -0 0", "applied yes -", "engine node 20 -", "threads 1 2"]) {
    assert.ok(words.includes(expected), `${expected} in\n${words.join("\n")}`);
  }
});

test("options that are not of the form of ours are compared all the same", () => {
  const of = (options: object): Wrong => ({ class: "AdamW", options, parameters: [] });
  assert.equal(optionDifferences(of({}), of({}), true), []);
  assert.equal(
    optionDifferences(
      of({ groups: [5, { name: "head", lr: 1 }], lossScale: { kind: "static" } }),
      of({ lossScale: { kind: "static", settings: { scale: 2 }, state: { scale: 2 } } }),
      true,
    ),
    [
      { where: "loss scale", what: "scale", a: undefined, b: 2 },
      { where: "loss scale", what: "state", a: undefined, b: { scale: 2 } },
      { where: "group head", what: "lr", a: 1, b: undefined },
    ],
  );
  assert.equal(differences([{ where: "x", values: { a: 1 } }], []), [
    { where: "x", what: "a", a: 1, b: undefined },
  ]);
});

test("options as short text", () => {
  const encoded = Buffer.from(Float64Array.of(1, 2, 3, 4, 5).buffer).toString("base64");
  const rows: [Wrong, string][] = [
    [{ $number: "NaN" }, "NaN"],
    [{ $float64: encoded }, "[1, 3 more, 5]"],
    [{ $float64: "!" }, "[damaged]"],
    [{ $function: "" }, "a function"],
    [{ $function: "decays" }, "function decays"],
    [{ $unknown: [1] }, '"{\\"$unknown\\":[1]}"'],
    [{ $lossScale: { kind: "static" } }, "staticLossScale()"],
    [{ $layerDecay: null }, "layerDecay()"],
    [[1, 2, 3, 4], "[1, 2, 3, 4]"],
    [[1, 2, 3, 4, null], "[1, 3 more, null]"],
    [null, "null"],
    [{}, "{  }"],
  ];
  for (const [data, text] of rows) assert.is(showOption(data), text);
});

test("sizes", () => {
  assert.is(showSize(12), "12 bytes");
  assert.is(showSize(1_234), "1.2 kB");
});

test("names of what was lost, when there are many", () => {
  const losses = ["a", "b", "c", "d", "e", "f"].map((name) => ({
    name,
    overflowed: 1,
    vanished: 0,
  }));
  assert.equal(lossLines("float16", losses as Wrong), [
    "ashlar convert: 6 elements became infinite, as float16 ends at 65,504: a (1), b (1), c (1), d (1), e (1) and 1 more",
  ]);
});

const runWith = (changes: Wrong) => readRun(JSON.stringify(savedState(changes)));

test("a run of many groups of one schedule, a sum that waits, a loss scale without settings", () => {
  const { groups, parameters } = savedState();
  const many = ["a", "b", "c", "d"].map((name) => ({ ...groups[0], name }));
  const run = runWith({
    groups: many,
    parameters: parameters.map((each) => ({ ...each, group: "a" })),
  });
  assert.ok(groupLines(run).some((line) => line.startsWith("lr of a, b, c and 1 more")));
  const plain = runWith({
    groups: [{ ...groups[0], lr: 0.5, weightDecay: 0 }],
    parameters: parameters.map((each) => ({ ...each, group: groups[0].name })),
  });
  assert.not.ok(groupLines(plain).includes(""), "no line for no schedules");
  const facts = Object.fromEntries(
    runFacts({
      ...run,
      lossScale: { kind: "dynamic", scale: 8, finiteSteps: 3, nonFiniteSteps: 0 },
      accumulation: { microBatches: 2, average: false, parameters: [] },
    } as Wrong),
  );
  assert.is(facts["half-way"], "sum of 2 micro-batches for 0 parameters, not applied yet");
  assert.is(facts["loss scale"], "8, dynamic: 3 finite steps before it grows");
});

test("parameters with options of their own", () => {
  const { parameters } = savedState();
  const run = runWith({
    parameters: parameters.map((each) => ({ ...each, options: { lr: { $schedule: 0 } } })),
  });
  assert.equal(run.parameters[0].options, {
    lr: { $schedule: savedState().schedules[0].data },
  });
});

test("a damaged pipe, and more problems than are shown", () => {
  const problems = Array.from({ length: 15 }, (_, i) => ({ reason: "WRONG_CRC", message: `${i}` }));
  const report = { file: "-", bytes: null, headerBytes: 8, kind: "safetensors", sound: false };
  const lines = reportLines(
    { ...report, problems, metadata: {}, checkpoint: null, tensors: [] } as Wrong,
    24,
  );
  assert.ok(lines.includes("  size     8 bytes of header"), lines.join("\n"));
  assert.is(lines.filter((line) => line.includes("WRONG_CRC")).length, 12);
  assert.ok(lines.includes("  and 3 more"), lines.join("\n"));
});

const CONFIRMATION: Wrong = {
  file: "run.jsonl",
  class: "AdamW",
  gradients: "run.gradients",
  standIns: [],
  recordedLr: false,
  recorders: [],
  options: [],
  parameterCount: 2,
  confirmed: { from: 1, to: 5, skipped: 0 },
  start: [],
  first: null,
  end: [],
  digest: null,
  ending: "open",
  reason: null,
  same: false,
};

test("what a replay says of another start, other options and another core", () => {
  const last = (changes: Wrong) => verifyLines({ ...CONFIRMATION, ...changes }).slice(-2);
  assert.equal(last({ verdict: "start", start: [value("state")] }), [
    "Different: before the first step, in the state of 1 of 2 parameters",
    "The checkpoint is not what the run began with.",
  ]);
  assert.is(
    last({ verdict: "options", options: [{ where: "options", what: "eps", a: 1, b: 2 }] })[1],
    "Different: the checkpoint has other options than the ledger",
  );
  assert.equal(
    last({ verdict: "optimizer", end: [value("digest", null)], recorders: [value("core")] }),
    [
      "Different: at the end, in the digest",
      "Another core of ashlar recorded it: the bits are promised for one.",
    ],
  );
});

test.run();
