// The tables of docs/scale.md that the simulator fills.

import * as format from "./format.mjs";
import * as scenarios from "./scenarios.mjs";
import { timesOf } from "./times.mjs";

const NAMES = { fast: "100 Gb/s", datacentre: "10 Gb/s", home: "homes" };

/** Steps of which each has a row, and a digest of all that the simulator said. */
function compared() {
  const results = scenarios.COMPARED.map((one) => {
    const { engine, link, ranks, elements } = one;
    const outcomes = scenarios.simulateStep(scenarios.runOf(link, ranks, elements, engine));
    return { ...one, outcomes, closed: timesOf(one, elements, ranks).total };
  });
  const rows = results.map(({ engine, link, ranks, elements, outcomes, closed }) => {
    const end = scenarios.lastEnd(outcomes);
    return [
      `${engine}, ${NAMES[link]}`,
      format.whole(ranks),
      elements < 1e6 ? "690 k" : "125 M",
      format.duration(closed),
      format.duration(end),
      (end / closed).toFixed(3),
    ];
  });
  const titles = ["engine, links", "ranks", "model", "closed form", "simulated", "ratio"];
  const digest = scenarios.digestOf(results.map(({ outcomes }) => outcomes));
  return [...format.table(titles, rows), "", `SHA-256 of all outcomes: \`${digest}\`.`];
}

function stragglers() {
  const rows = [4, 16, 64, 128].map((ranks) => {
    const { even, mixed } = scenarios.stragglers(ranks);
    const [alike, differing] = [scenarios.lastEnd(even), scenarios.lastEnd(mixed)];
    const waiting = mixed.reduce((sum, one) => sum + one.waiting, 0) / ranks / differing;
    return [
      format.whole(ranks),
      format.duration(alike),
      format.duration(differing),
      `${(differing / alike).toFixed(2)}x`,
      format.percent(waiting),
    ];
  });
  return format.table(
    ["ranks", "all alike", "as drawn", "longer by", "of which a rank waits"],
    rows,
  );
}

const RUNS = 200;
/** Seconds around a barrier's messages. */
const NEAR = 0.001;

function vanishing() {
  /** @type {("mesh" | "hub")[]} */
  const engines = ["mesh", "hub"];
  const rows = engines.flatMap((engine) => {
    const { changing, end } = scenarios.undisturbed(engine);
    const sentAt = changing - (engine === "hub" ? 2 : 1) * 0.03;
    return [
      row(engine, "any time", scenarios.vanishings(engine, 0, end, RUNS)),
      row(engine, "its barrier", scenarios.vanishings(engine, sentAt - NEAR, sentAt + NEAR, RUNS)),
    ];
  });
  return format.table(
    [
      `${RUNS} runs each`,
      "vanishes at",
      "all others before",
      "some",
      "all others after",
      "step done",
    ],
    rows,
  );
}

/** @param {string} engine @param {string} when @param {ReturnType<typeof scenarios.vanishings>} counts */
const row = (engine, when, { unchanged, mixed, changed, done }) => [
  engine,
  when,
  ...[unchanged, mixed, changed, done].map(String),
];

/** What fills each section. @type {Readonly<Record<string, () => string[]>>} */
export const TABLES = { compared, stragglers, vanishing };
