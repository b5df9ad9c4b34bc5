import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  type Collective,
  joinLocal,
  type LocalRank,
  localRanks,
  MessageCollective,
  soloCollective,
} from "../src/collectives/index.ts";
import { Wire } from "./collectives/wire.ts";
import { refuses } from "./reference/refuses.ts";
import { rejection } from "./reference/rejection.ts";

// Arguments that are wrong: refused with their name before anything is sent.

const test = suite("collectives-arguments");

type Row = readonly [
  act: () => Promise<unknown>,
  kind: typeof TypeError | typeof RangeError,
  message: string,
];

async function rejects(rows: readonly Row[]): Promise<void> {
  for (const [act, kind, message] of rows) {
    const error = await rejection(act());
    assert.is(error.message, message);
    assert.is(error.constructor, kind, message);
  }
}

const wrong = <Value>(value: unknown) => value as Value;

test("calls refuse ranges that are not what they should be", async () => {
  const ranks = await Promise.all(localRanks(2).map(joinLocal));
  const [first] = ranks;
  const bytes = () => [new Uint8Array(1), new Uint8Array(2)];
  const values = () => [new Float32Array(1), new Float32Array(2)];
  const into = new Float32Array(1);
  const gone = new Uint8Array(4);
  structuredClone(gone.buffer, { transfer: [gone.buffer] });
  const memory = new ArrayBuffer(32);
  const over = [new Float32Array(memory, 0, 2), new Float32Array(memory, 16, 1)];
  await rejects([
    [
      () => first.allGather(wrong("parts")),
      TypeError,
      `"parts" of allGather: expected 2 ranges, one for each rank, got "parts"`,
    ],
    [
      () => first.allGather([new Uint8Array(1)]),
      RangeError,
      `"parts" of allGather: expected 2 ranges, one for each rank, got 1`,
    ],
    [
      () => first.allGather(wrong(values())),
      TypeError,
      `"parts[0]" of allGather: expected a Uint8Array, got Float32Array of length 1`,
    ],
    [
      () => first.allGather([new Uint8Array(1), gone]),
      TypeError,
      `"parts[1]" of allGather: expected a Uint8Array, got a detached Uint8Array. Its memory was transferred, or has grown or shrunk: make a new view, or a copy before that`,
    ],
    [
      () => first.reduceScatter(wrong(bytes()), into, "fast"),
      TypeError,
      `"parts[0]" of reduceScatter: expected a Float32Array, got Uint8Array of length 1`,
    ],
    [
      () => first.reduceScatter(values(), wrong([0]), "fast"),
      TypeError,
      `"into" of reduceScatter: expected a Float32Array, got [0]`,
    ],
    [
      () => first.reduceScatter(values(), new Float32Array(2), "fast"),
      RangeError,
      `"into" of reduceScatter: expected 1 elements, got 2`,
    ],
    [
      () => first.reduceScatter(over, new Float32Array(memory, 4, 2), "fast"),
      RangeError,
      `"into" of reduceScatter: expected a range apart from all parts, got one that overlaps parts[0]`,
    ],
    [
      () => first.reduceScatter(over, new Float32Array(memory, 12, 2), "fast"),
      RangeError,
      `"into" of reduceScatter: expected a range apart from all parts, got one that overlaps parts[1]`,
    ],
    [
      () => first.reduceScatter(values(), into, wrong("sum")),
      RangeError,
      `"reduction" of reduceScatter: expected "ordered" or "fast", got "sum"`,
    ],
    [
      () => first.allReduce(wrong(into), "fast"),
      TypeError,
      `"values" of allReduce: expected a Float64Array, got Float32Array of length 1`,
    ],
    [
      () => first.allReduce(new Float64Array(1), wrong(1)),
      TypeError,
      `"reduction" of allReduce: expected "ordered" or "fast", got 1`,
    ],
    [
      () => first.broadcast(wrong(new DataView(memory)), 0),
      TypeError,
      `"bytes" of broadcast: expected a Uint8Array, got DataView`,
    ],
    [
      () => first.broadcast(bytes()[0], 2),
      RangeError,
      `"root" of broadcast: expected a whole number from 0 to 1, got 2`,
    ],
  ]);
  // No call was made: the next is the first of both.
  await Promise.all(ranks.map((each) => each.broadcast(bytes()[0], 1)));
  // Beside each other is apart.
  const beside = (each: Collective) => {
    const shared = new ArrayBuffer(12);
    const own = [new Float32Array(shared, 0, 1), new Float32Array(shared, 8, 1)];
    return each.reduceScatter(own, new Float32Array(shared, 4, 1), "fast");
  };
  await Promise.all(ranks.map(beside));
  await Promise.all(ranks.map((each) => each.close()));
});

test("an empty range overlaps nothing, wherever it lies", async () => {
  const ranks = await Promise.all(localRanks(2).map(joinLocal));
  await Promise.all(
    ranks.map((each) => {
      const parts = [new Float32Array(0), new Float32Array(8)];
      const { buffer } = parts[1];
      const into = new Float32Array(each.rank === 0 ? buffer : new ArrayBuffer(32), 0);
      return each.reduceScatter(parts, each.rank === 0 ? into.subarray(4, 4) : into, "ordered");
    }),
  );
  await Promise.all(ranks.map((each) => each.close()));
});

test("options and links are checked", () => {
  const [link] = new Wire(2).links;
  const [small] = new Wire(2, 1023).links;
  refuses([
    [
      () => new MessageCollective(link, wrong(5)),
      TypeError,
      `"options" of MessageCollective: expected an object of options, got 5`,
    ],
    [
      () => new MessageCollective(link, wrong({ timeOut: 5 })),
      TypeError,
      `"timeOut" of MessageCollective: expected one of timeout, got an unknown key`,
    ],
    [
      () => new MessageCollective(link, { timeout: 0 }),
      RangeError,
      `"timeout" of MessageCollective: expected a whole number from 1 to 2147483647, got 0`,
    ],
    [
      () => new MessageCollective(small),
      RangeError,
      `"largest" of link: expected at least 1024 bytes, got 1023`,
    ],
    [
      () => localRanks(0),
      RangeError,
      `"size" of localRanks: expected a whole number from 1 to 1024, got 0`,
    ],
    [
      () => localRanks(2, { timeout: 1.5 }),
      RangeError,
      `"timeout" of localRanks: expected a whole number from 1 to 2147483647, got 1.5`,
    ],
  ]);
});

test("joinLocal refuses what is no handle of its own", async () => {
  const join = (handle: unknown) => () => joinLocal(handle as LocalRank);
  const ports = "a MessagePort to each of 2 other ranks";
  const [handle] = localRanks(3);
  await rejects([
    [join(null), TypeError, `"handle" of joinLocal: expected one of localRanks, got null`],
    [
      join(localRanks(2)),
      TypeError,
      `"handle" of joinLocal: expected one of localRanks, got an array of length 2`,
    ],
    [
      join({ ...handle, size: "3" }),
      TypeError,
      `"size" of handle: expected a whole number from 1 to 1024, got "3"`,
    ],
    [
      join({ ...handle, rank: 3 }),
      RangeError,
      `"rank" of handle: expected a whole number from 0 to 2, got 3`,
    ],
    [join({ ...handle, ports: 2 }), TypeError, `"ports" of handle: expected ${ports}, got 2`],
    [
      join({ ...handle, ports: handle.ports.slice(1) }),
      RangeError,
      `"ports" of handle: expected ${ports}, got 1`,
    ],
    [
      join({ ...handle, ports: ["port", handle.ports[1]] }),
      TypeError,
      `"ports" of handle: expected ${ports}, got "port"`,
    ],
    [
      join({ ...handle, timeout: undefined }),
      TypeError,
      `"timeout" of handle: expected a whole number from 1 to 2147483647, got undefined`,
    ],
  ]);
});

test("joinLocal refuses a handle that was used, or posted elsewhere", async () => {
  const [own, posted] = localRanks(2);
  const got = "again, or after it was posted elsewhere";
  const ranks = await joinLocal(own);
  const arrived = structuredClone(posted, { transfer: posted.ports });
  await rejects([
    [
      () => joinLocal(own),
      TypeError,
      `"handle" of joinLocal: expected one not used before, got rank 0's ${got}`,
    ],
    [
      () => joinLocal(posted),
      TypeError,
      `"handle" of joinLocal: expected one not used before, got rank 1's ${got}`,
    ],
  ]);
  const other = await joinLocal(arrived);
  await Promise.all([ranks.barrier(), other.barrier()]);
  await ranks.close();
  await other.close();
});

test("a group of one checks its arguments too", async () => {
  const solo = soloCollective();
  await rejects([
    [
      () => solo.broadcast(new Uint8Array(1), 1),
      RangeError,
      `"root" of broadcast: expected a whole number from 0 to 0, got 1`,
    ],
  ]);
  const into = new Float32Array(1);
  await solo.reduceScatter([Float32Array.of(-0)], into, "ordered");
  assert.ok(Object.is(into[0], -0));
  await solo.close();
  assert.match((await rejection(solo.barrier())).message, /closed/);
});

test("a group of one over a link sends nothing", async () => {
  const [link] = new Wire(1).links;
  const solo = new MessageCollective(link, { timeout: 5 });
  await solo.barrier();
  await solo.allReduce(Float64Array.of(1), "fast");
  await new Promise((resolve) => setTimeout(resolve, 20));
  await solo.close();
  assert.is(link.sent, 0);
});

test.run();
