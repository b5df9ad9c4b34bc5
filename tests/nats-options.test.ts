import { suite } from "uvu";
import * as assert from "uvu/assert";
import { joinNats, type NatsConnection, type NatsOptions } from "../src/adapters/nats/index.ts";
import { RankError } from "../src/errors.ts";
import { FakeServer } from "./nats/fake-server.ts";
import { rejection } from "./reference/rejection.ts";

const test = suite("joinNats: bad input");

const GOOD: NatsOptions = { group: "g", rank: 0, size: 2 };

const OPTIONS: readonly (readonly [unknown, string])[] = [
  [undefined, '"options" of joinNats: expected an object of options, got undefined'],
  [
    { ...GOOD, timeOut: 1 },
    '"timeOut" of joinNats: expected one of group, rank, size, timeout, joinTimeout, got an unknown key',
  ],
  [{ ...GOOD, group: 5 }, '"group" of joinNats: expected 1 to 64 letters, digits, - and _, got 5'],
  ...["", "a b", "a.b", "*", ">", "é", "a".repeat(65)].map(
    (group) => [{ ...GOOD, group }, '"group" of joinNats: expected 1 to 64 letters'] as const,
  ),
  [{ ...GOOD, size: 0 }, '"size" of joinNats: expected a whole number from 1 to 1024, got 0'],
  [{ ...GOOD, size: 1025 }, '"size" of joinNats: expected a whole number from 1 to 1024'],
  [{ ...GOOD, size: "2" }, '"size" of joinNats: expected a whole number from 1 to 1024, got "2"'],
  [{ ...GOOD, rank: 2 }, '"rank" of joinNats: expected a whole number from 0 to 1, got 2'],
  [{ ...GOOD, rank: -1 }, '"rank" of joinNats: expected a whole number from 0 to 1, got -1'],
  [{ ...GOOD, rank: undefined }, '"rank" of joinNats: expected a whole number from 0 to 1'],
  [{ ...GOOD, timeout: 0 }, '"timeout" of joinNats: expected a whole number from 1 to 2147483647'],
  [{ ...GOOD, joinTimeout: 1e10 }, '"joinTimeout" of joinNats: expected a whole number from 1 to'],
];

OPTIONS.forEach(([options, message], i) => {
  test(`options ${i}: ${message}`, async () => {
    const connection = new FakeServer().connect();
    const error = await rejection(joinNats(connection, options as NatsOptions));
    assert.ok(error instanceof TypeError || error instanceof RangeError, String(error));
    assert.ok(error.message.startsWith(message), error.message);
    assert.is(connection.subscriptions + connection.followers, 0);
  });
});

const whole = new FakeServer().connect();
const CONNECTIONS: readonly (readonly [unknown, RegExp])[] = [
  [undefined, /got undefined, without a method "publish"$/],
  ["nats://localhost", /got "nats:\/\/localhost", without a method "publish"$/],
  [Promise.resolve(whole), /got a Promise, without a method "publish". Await it first$/],
  [{ publish() {} }, /got an object, without a method "subscribe"$/],
  [{ publish() {}, subscribe() {}, status() {} }, /without a method "flush"$/],
  [{ publish() {}, subscribe() {}, flush() {} }, /without a method "status"$/],
];

CONNECTIONS.forEach(([connection, message], i) => {
  test(`connection ${i}: ${message}`, async () => {
    const error = await rejection(joinNats(connection as NatsConnection, GOOD));
    assert.instance(error, TypeError);
    assert.match(error.message, /^"connection" of joinNats: expected a connection, of connect\(\)/);
    assert.match(error.message, message);
  });
});

test("a connection that is closed", async () => {
  const connection = new FakeServer().connect();
  connection.close();
  const error = await rejection(joinNats(connection, GOOD));
  assert.ok(error instanceof RankError);
  assert.equal([error.code, error.rank], ["RANK_LOST", null]);
  assert.is(error.message, "the connection to the NATS server is closed");
});

test("a server that takes too small messages", async () => {
  const error = await rejection(joinNats(new FakeServer(1031).connect(), GOOD));
  assert.instance(error, RangeError);
  assert.match(
    error.message,
    /^"max_payload" of the NATS server: expected at least 1032 bytes, got 1031$/,
  );
});

test.run();
