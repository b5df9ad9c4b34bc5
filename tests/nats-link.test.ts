import { setTimeout as delay } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { largestOf } from "../src/adapters/nats/nats-link.ts";
import { FakeServer } from "./nats/fake-server.ts";
import { closedLink, type Listener, links, receiverOf, subject } from "./nats/links.ts";

// The messages of a run, over a server in memory that loses, repeats and invents some.

const test = suite("NatsLink");

const WINDOW = 4_194_304;
const LARGE = 1_900_000;

const texts = ({ messages }: Listener) =>
  messages.map(({ from, bytes }) => `${from}: ${new TextDecoder().decode(bytes)}`);
const utf8 = (text: string) => new TextEncoder().encode(text);
const pattern = (seed: number, length = LARGE) =>
  Uint8Array.from({ length }, (_, i) => (i * 31 + seed) & 255);

/** A message as links write it. */
function message(kind: number, number: number, body = new Uint8Array(0)): Uint8Array {
  const bytes = new Uint8Array(8 + body.length);
  new DataView(bytes.buffer).setUint32(0, kind, true);
  new DataView(bytes.buffer).setUint32(4, number, true);
  bytes.set(body, 8);
  return bytes;
}
const float64 = (value: number) => new Uint8Array(Float64Array.of(value).buffer);

test("messages to one and to all, in order", async () => {
  const server = new FakeServer();
  const [zero, one, two] = links(server, 3);
  zero.link.send(1, utf8("a"));
  zero.link.send(null, utf8("b"));
  zero.link.send(1, utf8("c"));
  two.link.send(null, utf8("d"));
  await server.idle();
  assert.equal(texts(one).sort(), ["0: a", "0: b", "0: c", "2: d"]);
  assert.equal(
    texts(one).filter((text) => text.startsWith("0")),
    ["0: a", "0: b", "0: c"],
  );
  assert.equal(texts(two), ["0: b"]);
  assert.equal(texts(zero), ["2: d"]);
  // Plain arrays: slice() of a Node Buffer, which connections deliver, is no copy.
  assert.is(one.messages[0].bytes.constructor, Uint8Array);
});

test("to all is published once", async () => {
  const server = new FakeServer(4_000_000);
  const [zero] = links(server, 4);
  zero.link.send(null, pattern(1));
  await server.idle();
  assert.equal(
    server.log.map((each) => each.subject).filter((each) => each.startsWith(subject(0))),
    [subject(0, "all")],
  );
});

test("what comes before there is a receiver is kept", async () => {
  const server = new FakeServer();
  const zero = closedLink(server, 0, 2);
  const one = closedLink(server, 1, 2);
  one.link.send(0, utf8("early"));
  one.link.send(null, utf8("too"));
  await one.link.close();
  await server.idle();
  zero.link.open(receiverOf(zero));
  assert.equal(texts(zero), ["1: early", "1: too"]);
  assert.equal(zero.losses, [[1, "it has left"]]);
});

test("who sends too fast is held back, and nothing is lost", async () => {
  const server = new FakeServer(4_000_000);
  const [zero, one] = links(server, 2);
  const sent = Array.from({ length: 9 }, (_, i) => pattern(i));
  for (const [i, bytes] of sent.entries()) {
    const wait = zero.link.send(i % 2 === 0 ? 1 : null, bytes);
    // Two fill the window.
    if (i < 2) assert.is(wait, undefined);
    if (i === 2) assert.instance(wait, Promise);
    await wait;
  }
  await server.idle();
  assert.equal(
    one.messages.map(({ bytes }) => bytes),
    sent,
  );
});

test("several that wait leave in order, as far as there is room", async () => {
  const server = new FakeServer(4_000_000);
  const [zero, one] = links(server, 2);
  server.drops = (_, from) => from === one.connection;
  const waits = Array.from({ length: 5 }, (_, i) => zero.link.send(1, pattern(i)));
  await server.idle();
  assert.is(one.messages.length, 2);
  // As rank 1 tells: the first has arrived.
  const told = [LARGE, Number.NaN, LARGE - 1, 1e12];
  for (const total of told) {
    server.connect().publish(subject(1, "to", 0), message(1, 0, float64(total)));
  }
  server.connect().publish(subject(1, "to", 0), message(1, 0, utf8("short")));
  await waits[2];
  assert.is(await Promise.race([waits[3], delay(20, "waits")]), "waits");
  server.connect().publish(subject(1, "to", 0), message(1, 0, float64(3 * LARGE)));
  await Promise.all(waits);
  await server.idle();
  assert.equal(
    one.messages.map(({ bytes }) => bytes[0]),
    [0, 1, 2, 3, 4],
  );
  assert.equal(zero.losses, []);
});

test("one that does not receive holds nobody else up", async () => {
  const server = new FakeServer(4_000_000);
  const [zero, one, two] = links(server, 3);
  // Rank 1 receives, but nobody hears of it.
  server.drops = (name) => name.startsWith(subject(1));
  for (let i = 0; i < 2; i++) zero.link.send(null, pattern(i));
  // Rank 2 has told that it has them.
  await server.idle();
  const wait = zero.link.send(null, pattern(2));
  assert.instance(wait, Promise);
  const sign = zero.link.send(null, utf8("sign of life"));
  await server.idle();
  assert.is(one.messages.length, 2);
  assert.is(two.messages.length, 4);
  // Whoever leaves does not keep back what it was to send.
  await zero.link.close();
  await Promise.all([wait, sign]);
  await server.idle();
  assert.equal(
    [one, two].map(({ messages }) => messages.map(({ bytes }) => bytes.length)),
    new Array(2).fill([LARGE, LARGE, LARGE, 12]),
  );
  assert.equal([one.losses, two.losses], new Array(2).fill([[0, "it has left"]]));
});

test("small messages pass where there is no room for large ones", async () => {
  const server = new FakeServer(4_000_000);
  const [zero, one] = links(server, 2);
  server.drops = (name) => name.startsWith(subject(1));
  zero.link.send(1, pattern(0));
  zero.link.send(1, pattern(1));
  assert.is(zero.link.send(null, utf8("sign of life")), undefined);
  assert.instance(zero.link.send(1, pattern(2, WINDOW - 2 * LARGE)), Promise);
  await server.idle();
  assert.is(one.messages.length, 3);
});

/** A letter, and enough behind it that it goes to all at once. */
const long = (letter: string) => utf8(letter.padEnd(2000));

for (const [what, names] of Object.entries({ one: ["to", 1], all: ["all"] })) {
  test(`a message to ${what} that is missing is noticed with the next`, async () => {
    const server = new FakeServer();
    const [zero, one] = links(server, 2);
    const to = what === "one" ? 1 : null;
    zero.link.send(to, long("a"));
    await server.idle();
    server.drops = (name) => name === subject(0, ...names);
    zero.link.send(to, long("b"));
    await server.idle();
    server.drops = () => false;
    zero.link.send(to, long("c"));
    zero.link.send(to, long("d"));
    await server.idle();
    assert.equal(
      texts(one).map((text) => text.trim()),
      ["0: a"],
    );
    const why = "messages of it are missing: expected number 1, got 2";
    assert.equal(one.losses, [[0, why]]);
  });

  test(`a message to ${what} that comes twice is noticed`, async () => {
    const server = new FakeServer();
    const [zero, one] = links(server, 2);
    zero.link.send(what === "one" ? 1 : null, long("a"));
    await server.idle();
    server.connect().publish(subject(0, ...names), message(0, 0, long("a")));
    await server.idle();
    assert.equal(
      texts(one).map((text) => text.trim()),
      ["0: a"],
    );
    assert.is(one.losses[0][1], "messages of it are missing: expected number 1, got 0");
  });
}

test("what no rank has sent is passed over", async () => {
  const server = new FakeServer();
  const [zero, one] = links(server, 2);
  const stranger = server.connect();
  for (const bytes of [
    new Uint8Array(0),
    utf8("seven b"),
    message(3, 0),
    message(2 ** 32 - 1, 0),
  ]) {
    stranger.publish(subject(0, "all"), bytes);
    stranger.publish(subject(0, "to", 1), bytes);
  }
  zero.link.send(1, utf8("a"));
  await server.idle();
  assert.equal([texts(one), one.losses], [["0: a"], []]);
});

test("the server tells that nobody receives what a rank is sent", async () => {
  const server = new FakeServer(4_000_000);
  const [zero, one, two] = links(server, 3);
  one.connection.vanish();
  // Of what goes to all at once, others are there to receive it.
  zero.link.send(null, pattern(0));
  await server.idle();
  assert.equal(zero.losses, []);
  zero.link.send(null, utf8("sign of life"));
  two.link.send(1, utf8("a"));
  two.link.send(1, utf8("b"));
  await server.idle();
  const why = "nobody receives what is sent to it";
  assert.equal([zero.losses, two.losses], new Array(2).fill([[1, why]]));
  // It is not waited for.
  for (let i = 0; i < 5; i++) assert.is(zero.link.send(1, pattern(i)), undefined);
  zero.link.send(null, utf8("more"));
  await server.idle();
  assert.equal(
    two.messages.map(({ bytes }) => bytes.length),
    [LARGE, 12, 4],
  );
});

test("a connection that is interrupted: no one can be reached any more", async () => {
  const server = new FakeServer(4_000_000);
  const [zero, one] = links(server, 2);
  server.drops = (name) => name.startsWith(subject(1));
  const waits = [0, 1, 2].map((i) => zero.link.send(1, pattern(i)));
  await server.idle();
  zero.connection.tell({ type: "disconnect" });
  await Promise.all(waits);
  const sent = server.log.length;
  // It comes back, and is not trusted.
  zero.connection.tell({ type: "reconnect" });
  zero.link.send(1, utf8("a"));
  one.link.send(0, utf8("b"));
  await server.idle();
  const why = "the connection to the NATS server was interrupted: messages may be missing";
  assert.equal(zero.losses, [[null, why]]);
  assert.equal(texts(zero), []);
  const after = server.log.slice(sent).map((each) => each.subject);
  assert.not.ok(after.some((name) => name.startsWith(subject(0))));
  await zero.link.close();
});

test("a connection that is closed", async () => {
  const server = new FakeServer();
  const [zero, one] = links(server, 2);
  zero.connection.close();
  one.connection.close();
  // Noticed by what it is sent, or by itself.
  one.link.send(0, utf8("a"));
  await server.idle();
  assert.equal(zero.losses, [[null, "the connection to the NATS server is closed"]]);
  const why = "the connection to the NATS server is of no use: closed connection";
  assert.equal(one.losses, [[null, why]]);
  await zero.link.close();
});

test("closing waits until the server has everything", async () => {
  const [zero, one] = links(new FakeServer(), 2);
  let flush = () => {};
  zero.connection.flushed = () =>
    new Promise((resolve) => {
      flush = resolve;
    });
  const closing = zero.link.close();
  assert.is(await Promise.race([closing, delay(20, "waits")]), "waits");
  flush();
  await closing;
  await zero.link.close();
  assert.equal(one.losses, [[0, "it has left"]]);
});

test("closing does not wait for a connection that is lost meanwhile", async () => {
  const [zero, one] = links(new FakeServer(), 2);
  zero.connection.flushed = () => new Promise(() => {});
  const closing = zero.link.close();
  zero.connection.close();
  await closing;
  one.connection.flushed = () => Promise.reject(new Error("connection disconnected"));
  await one.link.close();
});

test("largest message: of the server, and two fill the window", () => {
  assert.is(largestOf(65_536, 2), 65_528);
  assert.is(largestOf(1_048_576, 4), 1_048_568);
  assert.is(largestOf(8_388_608, 4), 2_097_144);
  assert.is(largestOf(1_048_576, 1024), 8184);
});

test.run();
