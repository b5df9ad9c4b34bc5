import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Collective, MessageCollective } from "../src/collectives/index.ts";
import { writeFrame } from "../src/collectives/messages/frame.ts";
import { every } from "../src/collectives/messages/timers.ts";
import { busy, fails, failure, pause } from "./collectives/ranks.ts";
import { Wire } from "./collectives/wire.ts";

// Ranks that are lost, leave or can't go on: every call on every rank ends, and says who it was.

const test = suite("collectives-lost");

const ranksOver = (wire: Wire, timeout = 60_000) =>
  wire.links.map((link) => new MessageCollective(link, { timeout }));

const closeAll = (ranks: readonly Collective[]) => Promise.all(ranks.map((each) => each.close()));

test("a rank that the link reports as lost is lost to all, and stays so", async () => {
  const wire = new Wire(3);
  const ranks = ranksOver(wire);
  await Promise.all(ranks.map((each) => each.barrier()));
  const calls = [ranks[0].barrier(), ranks[1].allReduce(new Float64Array(2), "ordered")];
  wire.links[0].receiver.lost(2, "its socket closed");
  const says = /^rank 2: its socket closed$/;
  for (const call of calls) await fails(call, "RANK_LOST", 2, says);
  wire.links[1].receiver.lost(0, "its socket closed too");
  for (const each of ranks) {
    await fails(each.allGather([0, 1, 2].map(() => new Uint8Array(1))), "RANK_LOST", 2, says);
    await fails(each.reduceScatter(nothing(3), new Float32Array(0), "fast"), "RANK_LOST", 2, says);
    await fails(each.allReduce(new Float64Array(1), "fast"), "RANK_LOST", 2, says);
    await fails(each.broadcast(new Uint8Array(1), 0), "RANK_LOST", 2, says);
    assert.is(await failure(each.barrier()), await failure(each.barrier()), "one error");
  }
  await closeAll(ranks);
});

test("a link that reaches nobody is RANK_LOST of no rank", async () => {
  const wire = new Wire(2);
  const ranks = ranksOver(wire);
  const call = ranks[0].barrier();
  wire.links[0].receiver.lost(null, "no server");
  await fails(call, "RANK_LOST", null, /^the ranks: no server$/);
  await fails(ranks[1].barrier(), "RANK_LOST", null, /^the ranks: no server$/);
  await closeAll(ranks);
});

test("what a lost rank gave before counts", async () => {
  const wire = new Wire(3);
  const ranks = ranksOver(wire);
  const [first, second] = [ranks[1].barrier(), ranks[2].barrier()];
  await pause(20);
  wire.links[0].receiver.lost(2, "gone");
  wire.links[0].receiver.lost(2, "gone again");
  await Promise.all([ranks[0].barrier(), first, second]);
  await fails(ranks[0].barrier(), "RANK_LOST", 2, /^rank 2: gone$/);
  await closeAll(ranks);
});

test("a rank that closes has left: only who needs it hears of it", async () => {
  const ranks = ranksOver(new Wire(3));
  const last = ranks.map((each) => each.barrier());
  await last[2];
  await ranks[2].close();
  await Promise.all(last);
  const says = /^rank 2: expected to take part in a call, got its goodbye$/;
  const calls = [0, 1].map((rank) => ranks[rank].barrier());
  for (const call of calls) await fails(call, "RANK_LOST", 2, says);
  const own = await failure(ranks[2].barrier());
  assert.is(own.code, "DISPOSED");
  assert.is(own.message, "a collective: expected to be open, got a closed one");
  await closeAll(ranks);
});

test("close() ends own calls, sends no more, and may come again", async () => {
  const wire = new Wire(2);
  const ranks = ranksOver(wire, 50);
  const call = failure(ranks[0].barrier());
  assert.ok(wire.links[0].isHeld);
  await Promise.all([ranks[0].close(), ranks[0].close()]);
  await ranks[0].close();
  assert.is((await call).code, "DISPOSED");
  assert.is(wire.links[0].closed, 1);
  assert.not(wire.links[0].isHeld);
  // It had given what this takes.
  await ranks[1].barrier();
  await fails(ranks[1].barrier(), "RANK_LOST", 0, /goodbye/);
  assert.not(wire.links[1].isHeld);
  const sent = wire.links.map((link) => link.sent);
  await pause(100);
  assert.equal(
    wire.links.map((link) => link.sent),
    sent,
    "no sign of life after the end",
  );
  await closeAll(ranks);
});

test("a rank of which nothing comes is lost once a call has waited for the timeout", async () => {
  const wire = new Wire(3);
  const ranks = ranksOver(wire, 1000);
  wire.meddle = (from, _to, bytes) => (from === 1 ? undefined : bytes);
  await pause(1500);
  const start = performance.now();
  const says = /^rank 1: expected messages, got none for 1000 ms$/;
  const own = ranks[1].barrier();
  await Promise.all([0, 2].map((rank) => fails(ranks[rank].barrier(), "RANK_LOST", 1, says)));
  const waited = performance.now() - start;
  // It hears all of the others, and in the end what they say of it.
  await own;
  await fails(ranks[1].barrier(), "RANK_LOST", 1, says);
  assert.ok(waited > 900, `${waited} ms: as nobody waited for it before`);
  await closeAll(ranks);
});

test("a thread that was busy longer than the timeout blames nobody", async () => {
  const ranks = ranksOver(new Wire(2), 200);
  for (let round = 0; round < 3; round++) {
    const call = ranks[0].barrier();
    busy(700);
    await pause(30);
    await ranks[1].barrier();
    await call;
  }
  await closeAll(ranks);
});

test("who hears something after a long while answers at once, without its timer", async () => {
  const { links } = new Wire(2);
  const ranks = links.map((link) => new MessageCollective(link, { timeout: 500 }));
  const alive = writeFrame({ what: "alive", timeout: 500 });
  links[0].receiver.message(1, alive.slice());
  assert.is(links[0].sent, 0);
  busy(300);
  links[0].receiver.message(1, alive.slice());
  links[0].receiver.message(1, alive.slice());
  assert.is(links[0].sent, 1);
  await closeAll(ranks);
});

test("timers need no Node", () => {
  const scope = Object.getOwnPropertyDescriptor(globalThis, "process");
  let ticks = 0;
  Object.defineProperty(globalThis, "process", { value: undefined, configurable: true });
  const end = every(1, () => ticks++);
  Object.defineProperty(globalThis, "process", scope as PropertyDescriptor);
  end();
  busy(5);
  assert.is(ticks, 0);
});

test("a rank that can't send is lost", async () => {
  const wire = new Wire(2);
  const ranks = ranksOver(wire, 500);
  wire.links[1].sending = () => Promise.reject(new Error("broken pipe"));
  const calls = ranks.map((each) => each.barrier());
  await Promise.all([
    fails(calls[1], "RANK_LOST", 1, /^rank 1: broken pipe$/),
    fails(calls[0], "RANK_LOST", 1, /^rank 1: expected messages, got none for 500 ms$/),
  ]);
  await closeAll(ranks);
});

test("a rank whose signs of life can't be sent is lost", async () => {
  const wire = new Wire(2);
  const ranks = ranksOver(wire, 500);
  const call = ranks[1].barrier();
  wire.links[1].sending = () => Promise.reject(new Error("broken pipe"));
  await fails(call, "RANK_LOST", 1, /^rank 1: broken pipe$/);
  await closeAll(ranks);
});

test("a link that throws at once is as one that rejects, from a timer and in close()", async () => {
  const wire = new Wire(2);
  const ranks = ranksOver(wire, 500);
  const call = ranks[1].barrier();
  wire.links[1].sending = () => {
    throw new Error("not open any more");
  };
  await fails(call, "RANK_LOST", 1, /^rank 1: not open any more$/);
  await ranks[1].close();
  assert.is(wire.links[1].closed, 1);
  await closeAll(ranks);
});

test("a rank whose link takes nothing is lost, to itself too", async () => {
  const wire = new Wire(2);
  const ranks = ranksOver(wire, 500);
  wire.links[1].sending = () => new Promise(() => undefined);
  const says = /^rank 1: expected messages, got none for 500 ms$/;
  await Promise.all(ranks.map((each) => fails(each.barrier(), "RANK_LOST", 1, says)));
  await closeAll(ranks);
});

test("what the link takes late is not sent after the end", async () => {
  const wire = new Wire(2);
  const ranks = ranksOver(wire);
  let take: () => void = () => assert.unreachable("nothing was sent");
  wire.links[1].sending = () =>
    new Promise((resolve) => {
      take = resolve;
    });
  const call = ranks[1].broadcast(new Uint8Array(5000), 1);
  wire.links[1].receiver.lost(0, "gone");
  await fails(call, "RANK_LOST", 0, /gone/);
  const { sent } = wire.links[1];
  take();
  await pause(20);
  assert.is(wire.links[1].sent, sent);
  await closeAll(ranks);
});

test("a range whose memory grows under way ends the call on all ranks", async () => {
  const says = /^rank 1: the memory of a range has grown, or was transferred, during the call$/;
  const long = 4000;
  const own = { 0: 0, 1: long };
  const cases: ((ranks: Collective, view: (length: number) => Uint8Array) => Promise<void>)[] = [
    // What it gives, in more than one message.
    (ranks, view) => ranks.broadcast(view(long), 1),
    // What it takes.
    (ranks, view) => ranks.broadcast(view(long), 0),
    (ranks, view) => ranks.reduceScatter(nothing(2, own), floats(view(4 * long)), "ordered"),
    // Its own part of a sum, before its turn.
    (ranks, view) => {
      const parts = [new Float32Array(0), floats(view(4 * long))];
      return ranks.reduceScatter(parts, new Float32Array(long), "ordered");
    },
  ];
  for (const [i, act] of cases.entries()) {
    const ranks = ranksOver(new Wire(2));
    let grows: WebAssembly.Memory | undefined;
    const calls = ranks.map((each) => {
      const memory = new WebAssembly.Memory({ initial: 1 });
      if (each.rank === 1) grows = memory;
      const view = (length: number) => new Uint8Array(memory.buffer, 0, length);
      if (each.rank === 1 || i < 2) return act(each, view);
      return each.reduceScatter(nothing(2, own), new Float32Array(0), "ordered");
    });
    grows?.grow(1);
    // The other may have all that it takes.
    await Promise.all([fails(calls[1], "RANK_LOST", 1, says), calls[0].catch(() => undefined)]);
    assert.is((await failure(ranks[0].barrier())).rank, 1);
    await closeAll(ranks);
  }
});

/** Float32 parts: empty, or as long as they say. */
function nothing(size: number, lengths: Record<number, number> = {}): Float32Array[] {
  return Array.from({ length: size }, (_, rank) => new Float32Array(lengths[rank] ?? 0));
}

const floats = ({ buffer, byteLength }: Uint8Array) => new Float32Array(buffer, 0, byteLength / 4);

test.run();
