import { suite } from "uvu";
import { type Collective, MessageCollective } from "../src/collectives/index.ts";
import { HEADER, writeFrame } from "../src/collectives/messages/frame.ts";
import { fails, pause } from "./collectives/ranks.ts";
import { type Meddler, Wire } from "./collectives/wire.ts";

// Ranks that do not make the same calls, and messages that are not what they should be: all ranks find
// the same one at fault.

const test = suite("collectives-differ");

const ranksOver = (wire: Wire) => wire.links.map((link) => new MessageCollective(link));

type Act = (ranks: Collective) => Promise<void>;

/** Each rank makes its call; all must fail, and so must the next, with the same error. */
async function differ(acts: readonly Act[], rank: number, says: RegExp): Promise<void> {
  const ranks = ranksOver(new Wire(acts.length));
  await Promise.all(ranks.map((each) => each.barrier()));
  await Promise.all(ranks.map((each, i) => fails(acts[i](each), "RANKS_DIFFER", rank, says)));
  await Promise.all(ranks.map((each) => fails(each.barrier(), "RANKS_DIFFER", rank, says)));
  await Promise.all(ranks.map((each) => each.close()));
}

const barrier: Act = (ranks) => ranks.barrier();
const sum =
  (length: number, reduction: "ordered" | "fast" = "ordered"): Act =>
  (ranks) =>
    ranks.allReduce(new Float64Array(length), reduction);
const broadcast =
  (length: number, root: number): Act =>
  (ranks) =>
    ranks.broadcast(new Uint8Array(length), root);
const gather =
  (...lengths: number[]): Act =>
  (ranks) =>
    ranks.allGather(lengths.map((length) => new Uint8Array(length)));
const scatter =
  (...lengths: number[]): Act =>
  (ranks) => {
    const parts = lengths.map((length) => new Float32Array(length));
    return ranks.reduceScatter(parts, new Float32Array(lengths[ranks.rank]), "ordered");
  };

const CASES: readonly (readonly [
  name: string,
  acts: readonly Act[],
  rank: number,
  says: RegExp,
])[] = [
  [
    "another kind of call",
    [barrier, broadcast(8, 1), barrier],
    1,
    /^rank 1: call 1: expected barrier, as on rank 0, got broadcast of 8 bytes from rank 1$/,
  ],
  [
    "another kind on rank 0: the others are at fault, as it is the measure",
    [sum(2), barrier],
    1,
    /^rank 1: call 1: expected allReduce of 16 bytes, "ordered", as on rank 0, got barrier$/,
  ],
  [
    "a last rank that differs",
    [gather(1, 2, 3), gather(1, 2, 3), gather(1, 2, 4)],
    2,
    /^rank 2: call 1: expected allGather of 6 bytes \(cut \d+\), as on rank 0, got allGather of 7/,
  ],
  [
    "the same bytes cut elsewhere",
    [scatter(1, 2, 3), scatter(1, 3, 2), scatter(1, 2, 3)],
    1,
    /^rank 1: call 1: expected reduceScatter of 24 bytes \(cut (\d+)\), "ordered", as on rank 0, got reduceScatter of 24 bytes \(cut (?!\1\))\d+\), "ordered"$/,
  ],
  [
    "parts that trade places between ranks",
    [gather(1, 2), gather(2, 1)],
    1,
    /cut \d+\), as on rank 0, got/,
  ],
  ["another root", [broadcast(4, 0), broadcast(4, 1)], 1, /from rank 0, as .* from rank 1$/],
  ["roots that wait for each other", [broadcast(4, 1), broadcast(4, 0)], 1, /from rank 1, as/],
  ["another length", [sum(3), sum(3), sum(3), sum(300)], 3, /24 bytes, .* 2400 bytes, "ordered"$/],
  ["another reduction", [sum(3), sum(3, "fast")], 1, /"ordered", as on rank 0, got .* "fast"$/],
];

for (const [name, acts, rank, says] of CASES) {
  test(`${name} is RANKS_DIFFER on all ranks`, () => differ(acts, rank, says));
}

test("ranks other than 0 leave the verdict to it, also where they agree with each other", async () => {
  for (const last of [barrier, sum(2)]) {
    const ranks = ranksOver(new Wire(3));
    const calls = [barrier(ranks[1]), last(ranks[2])];
    await pause(50);
    calls.push(sum(1)(ranks[0]));
    const says =
      /^rank 1: call 0: expected allReduce of 8 bytes, "ordered", as on rank 0, got barrier$/;
    for (const call of calls) await fails(call, "RANKS_DIFFER", 1, says);
    await Promise.all(ranks.map((each) => each.close()));
  }
});

test("another timeout is RANKS_DIFFER", async () => {
  for (const at of [0, 1]) {
    const ranks = new Wire(3).links.map(
      (link, rank) => new MessageCollective(link, { timeout: rank === at ? 100 : 150 }),
    );
    // Rank 0 is the measure.
    const says =
      at === 0 ? /expected 100 ms, as on rank 0, got 150/ : /expected 150 .* got 100 ms$/;
    const calls = ranks.slice(0, 2).map(barrier);
    for (const call of calls) await fails(call, "RANKS_DIFFER", 1, says);
    await Promise.all(ranks.map((each) => each.close()));
  }
});

/** One message on its way from rank 1 to rank 0 is another; both must find rank 1 at fault. */
async function meddle(meddler: (bytes: Uint8Array) => Uint8Array, says: RegExp): Promise<void> {
  const wire = new Wire(2);
  const ranks = ranksOver(wire);
  let isDone = false;
  const once: Meddler = (from, _to, bytes) => {
    if (from !== 1 || isDone) return bytes;
    isDone = true;
    return meddler(bytes);
  };
  wire.meddle = once;
  const calls = ranks.map((each) => each.broadcast(new Uint8Array(3000), 1));
  // Rank 1 may have all that it needs before it hears.
  await fails(calls[0], "RANKS_DIFFER", 1, says);
  await calls[1].catch(() => undefined);
  for (const each of ranks) await fails(each.barrier(), "RANKS_DIFFER", 1, says);
  await Promise.all(ranks.map((each) => each.close()));
}

const changed = (at: number, value: number) => (bytes: Uint8Array) => {
  const copy = bytes.slice();
  copy[at] = value;
  return copy;
};

test("messages that are none of this version are RANKS_DIFFER", async () => {
  const says = /^rank 1: expected messages of this version, got another$/;
  await meddle(changed(3, 9), says);
  await meddle(changed(4, 0), says);
  await meddle(changed(4, 5), says);
  await meddle(changed(6, 99), says);
  await meddle(() => new Uint8Array(3), says);
  const failure = { what: "failure", code: "RANK_LOST", rank: null, text: "" } as const;
  await meddle(() => changed(6, 7)(writeFrame(failure)), says);
});

test("pieces that are not the next ones are RANKS_DIFFER", async () => {
  const says = /^rank 1: expected the next bytes of call 0, got others$/;
  const offset = (value: number) => (bytes: Uint8Array) => {
    const copy = bytes.slice();
    new DataView(copy.buffer).setFloat64(32, value, true);
    return copy;
  };
  await meddle(offset(8), says);
  await meddle(offset(-8), says);
  await meddle(offset(Number.NaN), says);
  const tooLong = (bytes: Uint8Array) => {
    const longer = new Uint8Array(HEADER + 3001);
    longer.set(bytes);
    return longer;
  };
  await meddle(tooLong, says);
});

test("a piece of a call that is done is RANKS_DIFFER", async () => {
  const wire = new Wire(2);
  const ranks = ranksOver(wire);
  const sent: Uint8Array[] = [];
  wire.meddle = (_from, _to, bytes) => {
    sent.push(bytes.slice());
    return bytes;
  };
  await Promise.all(ranks.map((each) => each.barrier()));
  wire.links[0].receiver.message(1, sent[0]);
  for (const each of ranks) {
    await fails(each.barrier(), "RANKS_DIFFER", 1, /^rank 1: expected call 1, got 0 again$/);
  }
  await Promise.all(ranks.map((each) => each.close()));
});

test.run();
