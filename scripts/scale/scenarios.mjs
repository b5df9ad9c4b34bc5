// What the tables of docs/scale.md simulate.

import { HEADER } from "./bytes.mjs";
import { COSTS, LINKS, SERVER, SLICE } from "./links.mjs";
import { evenPlan } from "./plan.mjs";
import { randomFrom, slowness } from "./simulator/random.mjs";
import { digestOf, simulateStep } from "./simulator/step.mjs";

/**
 * @typedef {import("./simulator/step.mjs").Run} Run
 * @typedef {import("./simulator/step.mjs").Outcome} Outcome
 */

/** Of the engine of messages; NATS takes messages of 1 MiB unless it is told otherwise. */
export const FRAMING = { header: HEADER, largest: 1_048_576 };
const SEED = 2026;

/**
 * @param {keyof typeof LINKS} link @param {number} ranks @param {number} elements
 * @param {Run["engine"]} engine @param {Partial<Run>} [more]
 * @returns {Run}
 */
export function runOf(link, ranks, elements, engine, more = {}) {
  return {
    plan: evenPlan({ ranks, elements, sliceElements: SLICE }),
    engine,
    links: Array.from({ length: ranks }, () => LINKS[link]),
    server: engine === "hub" ? SERVER : null,
    costs: COSTS,
    framing: FRAMING,
    ...more,
  };
}

/** Seconds until the last rank has ended. @param {readonly Outcome[]} outcomes */
export const lastEnd = (outcomes) => Math.max(...outcomes.map(({ end }) => end));

/** Steps in which all ranks are alike: what the closed form is held against. */
export const COMPARED = ["mesh", "hub", "ring"].flatMap((engine) =>
  ["datacentre", "home"].flatMap((link) =>
    [4, 16, 64].map((ranks) => {
      return { engine, link, ranks, elements: ranks === 64 ? 690_000 : 125_000_000 };
    }),
  ),
);

/** Seconds that the gradients of a step take the fastest rank. */
export const GRADIENTS = 10;

/**
 * Homes that differ: links and machines each slower than the best by their own factor, ways of 20 to 40 ms.
 * @param {number} ranks @returns {{ even: Outcome[], mixed: Outcome[] }}
 */
export function stragglers(ranks) {
  const next = randomFrom(SEED);
  const each = Array.from({ length: ranks }, () => {
    const [machine, line] = [slowness(next()), slowness(next())];
    const { up, down } = LINKS.home;
    const link = { up: up / line, down: down / line, latency: 0.02 + 0.02 * next() };
    return { link, ready: GRADIENTS * machine };
  });
  const ready = each.map(() => GRADIENTS);
  const even = simulateStep(runOf("home", ranks, 690_000, "hub", { ready }));
  const mixed = simulateStep(
    runOf("home", ranks, 690_000, "hub", {
      links: each.map(({ link }) => link),
      ready: each.map((one) => one.ready),
    }),
  );
  return { even, mixed };
}

/** Seconds until the others know that a rank has vanished. */
export const TIMEOUT = 5;
export const VANISHING = { ranks: 8, elements: 690_000, rank: 3 };

/**
 * One rank vanishes, in each run of many at another time: how the others' shards end.
 * @param {Run["engine"]} engine @param {number} from @param {number} to seconds @param {number} runs
 * @returns {Record<"unchanged" | "mixed" | "changed" | "done", number>} runs by outcome
 */
export function vanishings(engine, from, to, runs) {
  const { ranks, elements, rank } = VANISHING;
  const counts = { unchanged: 0, mixed: 0, changed: 0, done: 0 };
  for (let i = 0; i < runs; i++) {
    const lost = { rank, at: from + ((to - from) * i) / runs, timeout: TIMEOUT };
    const states = simulateStep(runOf("home", ranks, elements, engine, { lost }))
      .filter((_, other) => other !== rank)
      .map(({ state }) => state);
    const unchanged = states.filter((state) => state === "unchanged").length;
    if (states.every((state) => state === "applied")) counts.done++;
    else if (unchanged === states.length) counts.unchanged++;
    else if (unchanged === 0) counts.changed++;
    else counts.mixed++;
  }
  return counts;
}

/** When the first rank passes the barrier, and when all have ended, if nobody vanishes. @param {Run["engine"]} engine */
export function undisturbed(engine) {
  const { ranks, elements } = VANISHING;
  const outcomes = simulateStep(runOf("home", ranks, elements, engine));
  return {
    changing: Math.min(...outcomes.map(({ changed }) => changed ?? 0)),
    end: lastEnd(outcomes),
  };
}

export { digestOf, simulateStep };
