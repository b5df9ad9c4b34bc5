// The tables of docs/scale.md that are computed, by the name of their section.

import { bytesOfStep, messagesOfRank } from "./bytes.mjs";
import * as format from "./format.mjs";
import { MODELS, RANKS, SLICE } from "./links.mjs";
import { memoryOf } from "./memory.mjs";
import { evenPlan } from "./plan.mjs";
import { FRAMING } from "./scenarios.mjs";
import * as simulated from "./simulated-tables.mjs";
import { FLEETS, timesOf } from "./times.mjs";
import { audits, trees } from "./verification.mjs";

/** The model of which one table or line is shown. */
export const SHOWN = MODELS[1];

const most = (/** @type {readonly number[]} */ values) =>
  values.reduce((largest, value) => Math.max(largest, value), 0);
const total = (/** @type {readonly number[]} */ values) =>
  values.reduce((sum, one) => sum + one, 0);

/** Bytes of a step, of the busiest rank; counted, not estimated. */
function moved() {
  const rows = RANKS.map((ranks) => {
    const plan = evenPlan({ ranks, elements: SHOWN.elements, sliceElements: SLICE });
    const bytes = bytesOfStep(plan);
    const published = bytes.map((one) => one.published);
    const received = bytes.map((one) => one.received);
    const { toOne, toAll } = messagesOfRank(plan, FRAMING, 0);
    const copies = (ranks - 1) * toAll;
    return [
      format.whole(ranks),
      format.bytes(most(bytes.map(({ sent }) => sent))),
      format.bytes(most(published)),
      format.bytes(most(received)),
      format.whole(toOne + copies),
      format.bytes(total(published)),
      format.bytes(total(received)),
    ];
  });
  const titles = ["ranks", "sent, mesh", "sent, hub", "received", "messages, mesh"];
  return format.table([...titles, "into the hub", "out of the hub"], rows);
}

function memory() {
  const rows = RANKS.map((ranks) => [
    format.whole(ranks),
    ...MODELS.map(({ elements }) =>
      format.bytes(memoryOf({ elements, ranks, sliceElements: SLICE }).total),
    ),
    format.bytes(memoryOf({ elements: SHOWN.elements, ranks, sliceElements: SLICE }).state),
  ]);
  return format.table(
    ["ranks", ...MODELS.map(({ name }) => name), `of ${SHOWN.name}: its shard`],
    rows,
  );
}

/** @param {typeof FLEETS[number]} fleet */
const fleetTable = (fleet) =>
  format.table(
    ["ranks", ...MODELS.map(({ name }) => name)],
    RANKS.map((ranks) => [
      format.whole(ranks),
      ...MODELS.map(({ elements }) => format.duration(timesOf(fleet, elements, ranks).total)),
    ]),
  );

/** What a step consists of. */
const parts = () =>
  format.table(
    [`${SHOWN.name}, 100 ranks`, "records, barrier", "gradients", "weights", "with 16-bit weights"],
    FLEETS.map((fleet) => {
      const { small, gradients, weights } = timesOf(fleet, SHOWN.elements, 100);
      const halves = timesOf(fleet, SHOWN.elements, 100, 2);
      const times = [small, gradients, weights, halves.weights];
      return [fleet.title, ...times.map(format.duration)];
    }),
  );

/** Hours that a volunteer stays, on average. */
const STAY = 10;

/** Steps that nobody leaves in the middle of, where each rank leaves at any time with the same probability. */
function losses() {
  const rows = RANKS.slice(1).map((ranks) => {
    const completed = [MODELS[0], SHOWN].map(({ elements }) => {
      const { total } = timesOf(FLEETS[4], elements, ranks);
      return Math.exp((-ranks * total) / (STAY * 3600));
    });
    const between = format.duration((STAY * 3600) / ranks);
    return [format.whole(ranks), between, ...completed.map(shareOf)];
  });
  return format.table(["ranks", "a rank leaves every", MODELS[0].name, SHOWN.name], rows);
}

/** @param {number} share */
const shareOf = (share) => (share < 0.001 ? "none" : format.percent(share));

/** What fills each section. @type {Readonly<Record<string, () => string[]>>} */
export const TABLES = {
  moved,
  memory,
  ...Object.fromEntries(FLEETS.map((fleet) => [fleet.key, () => fleetTable(fleet)])),
  parts,
  losses,
  ...simulated.TABLES,
  audits,
  trees,
};
