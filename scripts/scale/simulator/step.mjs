// One step of a sharded run, message by message.

import { createHash } from "node:crypto";
import { operationsOf } from "../plan.mjs";
import { ENGINES } from "./engines.mjs";
import { Events } from "./events.mjs";
import { Network, nanoseconds } from "./network.mjs";

/**
 * @typedef {import("../plan.mjs").Plan} Plan
 * @typedef {import("../plan.mjs").Operation} Operation
 *
 * @typedef {object} Run
 * @property {Plan} plan
 * @property {keyof typeof ENGINES} engine
 * @property {{ up: number, down: number, latency: number }[]} links by rank: one way to the others, or to the server
 * @property {{ up: number, down: number } | null} [server] of a hub
 * @property {{ update: number, add: number, message: number, passing: number }} costs seconds
 * @property {{ header: number, largest: number }} framing bytes
 * @property {number[]} [ready] seconds until each rank has its gradients
 * @property {{ rank: number, at: number, timeout: number } | null} [lost] a rank that vanishes, and when others know
 *
 * @typedef {object} Outcome of a rank, in seconds and bytes
 * @property {"applied" | "updating" | "unchanged" | "vanished"} state of its shard when it ends
 * @property {number | null} changed when it passed the barrier
 * @property {number} end
 * @property {number} computing
 * @property {number} waiting  from its gradients to the end, without computing
 * @property {number} messages sent
 * @property {number} sent     bytes, framing included
 * @property {number} received
 */

/** @param {Run} run @returns {Outcome[]} by rank */
export function simulateStep(run) {
  const { plan, links, server = null, costs, framing, lost = null } = run;
  const { ranks } = plan;
  const events = new Events();
  // A way has two ends: on a mesh each has half of it.
  const share = server ? 1 : 0.5;
  const nodes = links.map(({ up, down, latency }) => {
    return { up, down, latency: latency * share, message: costs.message };
  });
  const hub = server && { ...server, latency: 0, message: costs.passing };
  const network = new Network(events, hub ? [...nodes, hub] : nodes);
  const wire = { network, ...framing };
  const process = Array.from({ length: ranks }, (_, rank) => newProcess(run, rank, events));

  /** @param {number} rank @param {Process["state"]} [state] */
  const stop = (rank, state = process[rank].state) => {
    if (process[rank].end !== null) return;
    process[rank].end = events.now;
    process[rank].state = state;
  };
  const calls = operationsOf(plan).map((operation) => {
    const got = Array.from({ length: ranks }, () => 0);
    const carrier = ENGINES[run.engine](operation, wire, (rank) => {
      got[rank]++;
      if (process[rank].waitsFor === call && isDone(rank)) resume(rank);
    });
    const all = got.map((_, rank) => carrier.expected(rank));
    const isDone = (/** @type {number} */ rank) => got[rank] >= all[rank];
    const call = { operation, begin: carrier.begin, isDone };
    return call;
  });

  /** Goes on with a rank until it computes, waits or ends. @param {number} rank */
  const resume = (rank) => {
    const own = process[rank];
    own.waitsFor = null;
    for (;;) {
      if (own.end !== null) return;
      const { done, value } = own.program.next();
      if (done) return stop(rank, "applied");
      if (typeof value === "number") {
        own.computing += value;
        events.at(events.now + value, () => resume(rank));
        return;
      }
      const call = calls[value.call];
      if (value.begin) call.begin(rank);
      else if (!call.isDone(rank)) {
        own.waitsFor = call;
        return;
      }
    }
  };
  for (let rank = 0; rank < ranks; rank++) events.at(0, () => resume(rank));
  if (lost) {
    events.at(nanoseconds(lost.at), () => {
      network.lose(lost.rank);
      stop(lost.rank, "vanished");
    });
    events.at(nanoseconds(lost.at + lost.timeout), () => {
      for (let rank = 0; rank < ranks; rank++) stop(rank);
    });
  }
  events.run();
  return process.map((own, rank) => outcomeOf(own, network.counts[rank], run.ready?.[rank] ?? 0));
}

/**
 * @typedef {object} Process
 * @property {Generator<number | { call: number, begin: boolean }, void, void>} program yields nanoseconds that it
 *   computes, and calls that it begins or awaits
 * @property {object | null} waitsFor a call
 * @property {"applied" | "updating" | "unchanged" | "vanished"} state
 * @property {number | null} changed
 * @property {number} computing
 * @property {number | null} end
 */

/** @param {Run} run @param {number} rank @param {Events} events @returns {Process} */
function newProcess({ plan, costs, ready }, rank, events) {
  /** @type {Process} */
  const process = {
    program: programOf(),
    waitsFor: null,
    state: "unchanged",
    changed: null,
    computing: 0,
    end: null,
  };
  function* programOf() {
    const calls = operationsOf(plan).map(({ phase }, call) => ({ phase, call }));
    /** @param {Operation["phase"]} name */
    const inPhase = (name) => calls.filter(({ phase }) => phase === name).map(({ call }) => call);
    const owned = (/** @type {number} */ bucket) => plan.slices[bucket][rank];
    if (ready) yield nanoseconds(ready[rank]);
    for (const call of inPhase("header")) yield* both(call);
    const gradients = inPhase("gradients");
    // One on its way, and the one before is worked on.
    yield { call: gradients[0], begin: true };
    for (const [bucket, call] of gradients.entries()) {
      yield { call, begin: false };
      if (bucket + 1 < gradients.length) yield { call: gradients[bucket + 1], begin: true };
      yield nanoseconds(costs.add * owned(bucket) * (plan.ranks - 1));
    }
    for (const call of [...inPhase("tables"), ...inPhase("commit")]) yield* both(call);
    process.state = "updating";
    process.changed = events.now;
    const weights = inPhase("weights");
    for (const [bucket, call] of weights.entries()) {
      yield nanoseconds(costs.update * owned(bucket));
      if (bucket > 0) yield { call: weights[bucket - 1], begin: false };
      yield { call, begin: true };
    }
    yield { call: weights[weights.length - 1], begin: false };
  }
  return process;
}

/** @param {number} call */
function* both(call) {
  yield { call, begin: true };
  yield { call, begin: false };
}

/** @param {Process} process @param {import("./network.mjs").Count} count @param {number} ready */
function outcomeOf({ state, changed, computing, end }, { messages, sent, received }, ready) {
  if (end === null) throw new Error("a rank waits for ever");
  const own = computing - nanoseconds(ready);
  const seconds = {
    changed: changed === null ? null : changed / 1e9,
    end: end / 1e9,
    computing: Math.max(0, own) / 1e9,
    waiting: Math.max(0, end - computing) / 1e9,
  };
  return { state, ...seconds, messages, sent, received };
}

/** SHA-256 of outcomes: equal in every run, on every machine. @param {unknown} outcomes */
export const digestOf = (outcomes) =>
  createHash("sha256").update(JSON.stringify(outcomes)).digest("hex");
