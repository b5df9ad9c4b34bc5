import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  digestOf,
  type Engine,
  evenPlan,
  type Outcome,
  type Run,
  simulateStep,
  stepTime,
} from "./scale/model.ts";

// scripts/scale/simulator/ beside times that are worked out by hand, and beside the closed form.

const test = suite("scale: simulator");

const NOTHING = { update: 0, add: 0, message: 0, passing: 0 };
const SERVER = { up: 1e9, down: 1e9 };
const ENGINES: readonly Engine[] = ["mesh", "hub", "ring"];
/** One bucket, and shards of one block on two ranks. */
const ELEMENTS = 8192;

function runOf(engine: Engine, ranks: number, more: Partial<Run> = {}): Run {
  return {
    plan: evenPlan({ ranks, elements: ELEMENTS, sliceElements: ELEMENTS }),
    engine,
    links: Array.from({ length: ranks }, () => ({ up: 1e6, down: 1e6, latency: 0 })),
    server: engine === "hub" ? SERVER : null,
    costs: NOTHING,
    framing: { header: 0, largest: 1 << 30 },
    ...more,
  };
}

const microseconds = (seconds: number) => Math.round(seconds * 1e6);
const ends = (outcomes: readonly Outcome[]) => outcomes.map(({ end }) => end);
const states = (outcomes: readonly Outcome[]) => outcomes.map(({ state }) => state);

/** 1 us a byte: header 81, gradients 16,384, tables 40 and 8, weights 16,384. */
const BYTES_MS = 32.897;

test("two ranks: the step takes as long as its bytes, by hand", () => {
  for (const engine of ["mesh", "ring"] as const) {
    assert.equal(ends(simulateStep(runOf(engine, 2))).map(microseconds), [32_897, 32_897]);
  }
});

test("two ranks: latency counts once a call, messages and elements at their cost", () => {
  const links = [0, 1].map(() => ({ up: 1e6, down: 1e6, latency: 0.01 }));
  const costs = { update: 1e-6, add: 2e-6, message: 0.001, passing: 0 };
  const [first] = simulateStep(runOf("mesh", 2, { links, costs }));
  // Six calls, each a message; 4,096 elements to add and to update.
  assert.is(microseconds(first.end), 32_897 + 6 * (10_000 + 1000) + 3 * 4096);
  assert.is(first.computing, 0.012288);
  assert.is(first.messages, 6);
});

test("two ranks on a hub: two ways, and the server passes on", () => {
  const links = [0, 1].map(() => ({ up: 1e6, down: 1e9, latency: 0.01 }));
  const server = { up: 1e3, down: 1e9 };
  const slow = simulateStep(runOf("hub", 2, { links, server }));
  // The server gives out both ranks' bytes at 1 ms each; ways in between cost at most their latency.
  const least = 2 * BYTES_MS;
  const end = Math.max(...ends(slow));
  assert.ok(end >= least && end <= least + 6 * 0.02 + BYTES_MS / 1000, String(end));
});

test("a single rank sends nothing and waits for nobody", () => {
  for (const engine of ENGINES) {
    const costs = { ...NOTHING, update: 1e-6 };
    const [only] = simulateStep(runOf(engine, 1, { costs }));
    assert.equal([only.end, only.messages, only.waiting], [0.008192, 0, 0]);
  }
});

test("all that is sent arrives, and links carry what the plan says", () => {
  for (const engine of ENGINES) {
    const outcomes = simulateStep(runOf(engine, 5));
    const sum = (of: "sent" | "received") => outcomes.reduce((total, one) => total + one[of], 0);
    // 4 receivers; gradients and weights of 8,192 elements, 5 headers and findings, sums of 2 blocks.
    const all = 4 * (2 * 4 * ELEMENTS + 5 * (81 + 40) + 2 * 8);
    assert.is(sum("received"), all, engine);
    if (engine !== "hub") assert.is(sum("sent"), all, engine);
    assert.equal(states(outcomes), Array(5).fill("applied"));
  }
});

test("a step is the same in every run", () => {
  for (const engine of ENGINES) {
    const run = runOf(engine, 4, { ready: [0, 0.3, 0.1, 0.2] });
    assert.equal(simulateStep(run), simulateStep(run));
    const later = { ...run, ready: [0, 0.3, 0.1, 0.4] };
    assert.is.not(digestOf(simulateStep(later)), digestOf(simulateStep(run)));
  }
});

test("everybody waits for the last", () => {
  for (const engine of ["mesh", "ring"] as const) {
    const late = simulateStep(runOf(engine, 2, { ready: [0, 5] }));
    assert.equal(ends(late), [5.032897, 5.032897], engine);
    assert.equal(
      late.map(({ waiting }) => waiting),
      [5.032897, 0.032897],
    );
  }
});

test("a lost rank before the barrier: the others end unchanged, within the timeout", () => {
  for (const engine of ENGINES) {
    const lost = { rank: 1, at: 0.01, timeout: 2 };
    const outcomes = simulateStep(runOf(engine, 3, { lost }));
    assert.equal(states(outcomes), ["unchanged", "vanished", "unchanged"], engine);
    assert.equal(ends(outcomes), [2.01, 0.01, 2.01]);
  }
});

test("a rank that vanishes once it has sent all costs the others nothing", () => {
  for (const engine of ENGINES) {
    const lost = { rank: 1, at: 60, timeout: 2 };
    const outcomes = simulateStep(runOf(engine, 3, { lost }));
    assert.equal(states(outcomes), ["applied", "applied", "applied"], engine);
  }
});

test("a mesh's barrier can be passed by some, a hub's by all or none", () => {
  /** Each message a second, so that moments between two are easy to name. */
  const costs = { ...NOTHING, message: 1 };
  const seen = (engine: Engine) => {
    const kinds = new Set<string>();
    for (let at = 0.5; at < 60; at++) {
      const lost = { rank: 0, at, timeout: 100 };
      const others = states(simulateStep(runOf(engine, 4, { costs, lost }))).slice(1);
      const unchanged = others.filter((state) => state === "unchanged").length;
      kinds.add(unchanged === 0 ? "all after" : unchanged === 3 ? "all before" : "some");
    }
    return [...kinds].sort();
  };
  assert.equal(seen("mesh"), ["all after", "all before", "some"]);
  assert.equal(seen("hub"), ["all after", "all before"]);
});

test("the closed form gives what the simulator does", () => {
  const link = { up: 1e7, down: 3e7, latency: 0.002 };
  const costs = { update: 1e-9, add: 1e-9, message: 1e-6, passing: 1e-7 };
  const [elements, sliceElements] = [4_194_304, 65_536];
  for (const engine of ENGINES) {
    for (const ranks of [1, 2, 4, 8]) {
      const plan = evenPlan({ ranks, elements, sliceElements });
      const links = Array.from({ length: ranks }, () => link);
      const framing = { header: 0, largest: 65_536 };
      const run = { ...runOf(engine, ranks, { links, costs, framing }), plan };
      const setting = { elements, ranks, sliceElements, weightBytes: 4 as const, link, engine };
      const { total } = stepTime({ ...setting, server: SERVER, costs });
      const ratio = Math.max(...ends(simulateStep(run))) / total;
      assert.ok(ratio > 0.99 && ratio < 1.05, `${engine}, ${ranks} ranks: ${ratio}`);
    }
  }
});

test.run();
