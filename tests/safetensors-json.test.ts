import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CheckpointError } from "../src/state/checkpoint-error.ts";
import { type Json, parseJson } from "../src/state/safetensors/json.ts";
import { holds } from "./reference/property.ts";

// The strict JSON reader, against JSON.parse where both must agree.

const test = suite("safetensors JSON");

/** What JSON.parse would give: Maps as objects whose keys are own, "__proto__" too. */
function plain(json: Json): unknown {
  if (Array.isArray(json)) return json.map(plain);
  if (!(json instanceof Map)) return json;
  const object = {};
  for (const [key, value] of json) {
    const descriptor = {
      value: plain(value),
      enumerable: true,
      configurable: true,
      writable: true,
    };
    Object.defineProperty(object, key, descriptor);
  }
  return object;
}

function refused(text: string): CheckpointError {
  try {
    parseJson(text, "the text");
  } catch (error) {
    assert.instance(error, CheckpointError);
    return error as CheckpointError;
  }
  return assert.unreachable(`accepted: ${text.slice(0, 80)}`) as never;
}

const text = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom("__proto__", "", '"', "\\", "a\\"),
);
const { tree } = fc.letrec<{ tree: unknown; leaf: unknown }>((tie) => ({
  leaf: fc.oneof(text, fc.maxSafeNat(), fc.boolean(), fc.constant(null)),
  tree: fc.oneof(
    { maxDepth: 5 },
    tie("leaf"),
    fc.array(tie("tree"), { maxLength: 4 }),
    fc.dictionary(text, tie("tree"), { maxKeys: 4 }),
  ),
}));

test("reads what JSON.stringify writes, with space or without", () => {
  holds(
    fc.property(tree, fc.constantFrom("", " ", "\t", "\n", "\r\n "), (value, space) => {
      const written = JSON.stringify(value, null, space);
      const { value: read, end } = parseJson(written, "the text");
      assert.is(end, written.length);
      assert.is(JSON.stringify(plain(read)), JSON.stringify(value));
    }),
    500,
  );
});

test("accepts nothing that JSON.parse refuses", () => {
  const pieces = [
    '"',
    "\\",
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "0",
    "1",
    "-",
    ".",
    "e",
    "true",
    "null",
    " ",
    "a",
    "\n",
    '"a"',
    '"b":',
    "\\u00",
  ];
  let accepted = 0;
  holds(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 12 }), (list) => {
      const written = list.join("");
      let read: { value: Json; end: number };
      try {
        read = parseJson(written, "the text");
      } catch (error) {
        assert.instance(error, CheckpointError);
        return;
      }
      accepted++;
      const parsed = JSON.parse(written.slice(0, read.end));
      assert.is(JSON.stringify(plain(read.value)), JSON.stringify(parsed));
    }),
    5000,
  );
  assert.ok(accepted > 0);
});

test("keeps __proto__ a key like others", () => {
  const { value } = parseJson('{"__proto__":{"a":1},"constructor":2}', "the text");
  assert.instance(value, Map);
  assert.equal([...(value as Map<string, Json>).keys()], ["__proto__", "constructor"]);
  assert.is(({} as Record<string, unknown>).a, undefined);
});

test("reads whole numbers to 2^53 - 1 and no others", () => {
  for (const number of [0, 1, 10, Number.MAX_SAFE_INTEGER]) {
    assert.is(parseJson(`${number}`, "the text").value, number);
  }
  const others = ["-1", "-0", "0.5", "1.0", "1e0", "1E2", "1e400", "9007199254740992"];
  for (const word of [...others, "9007199254740993", "1".repeat(17), "1".repeat(100_000)]) {
    assert.is(refused(word).reason, "BAD_NUMBER", word.slice(0, 40));
  }
  for (const word of [
    "01",
    "+1",
    ".5",
    "1.",
    "1e",
    "0x10",
    "1_000",
    "Infinity",
    "NaN",
    "tru",
    "",
  ]) {
    assert.is(refused(word).reason, "BAD_JSON", word);
  }
});

test("refuses more than 8 levels, however many follow", () => {
  assert.is(parseJson(`${"[".repeat(8)}${"]".repeat(8)}`, "the text").end, 16);
  for (const levels of [9, 10, 1_000_000]) {
    assert.is(refused("[".repeat(levels)).reason, "TOO_DEEP");
    assert.is(refused('{"":'.repeat(levels)).reason, "TOO_DEEP");
  }
});

test("finds duplicate keys however they are written", () => {
  for (const written of [
    '{"a":1,"a":1}',
    '{"a":1,"b":2,"\\u0061":3}',
    '[{"x":{"":1,"":2}}]',
    '{"/":1,"\\/":2}',
    '{"😀":1,"\\ud83d\\uDE00":2}',
  ]) {
    assert.is(refused(written).reason, "DUPLICATE_KEY", written);
  }
});

test("is as fast on long strings of backslashes and quotes", () => {
  const long = JSON.stringify('\\"'.repeat(250_000));
  const start = performance.now();
  assert.is(parseJson(long, "the text").end, long.length);
  assert.is(refused(`"${"\\".repeat(1_000_001)}"`).reason, "BAD_JSON");
  const milliseconds = performance.now() - start;
  assert.ok(milliseconds < 1000, `${milliseconds} ms`);
});

const MESSAGES: readonly (readonly [text: string, message: string])[] = [
  ["", '"character 0" of the text: expected a value, got the end'],
  ['{"a"', '"character 4" of the text: expected ":", got the end'],
  ['{"a":1', '"character 6" of the text: expected "," or "}", got the end'],
  ['{"a":1 "b"', '"character 7" of the text: expected "," or "}", got "\\"b\\""'],
  ["{a:1}", '"character 1" of the text: expected a key in quotes, got "a:1}"'],
  ["[1,]", '"character 3" of the text: expected a value, got "]"'],
  ["[1}", '"character 2" of the text: expected "," or "]", got "}"'],
  ['"abc', '"character 0" of the text: expected a closing quote, got the end'],
  ['"a\tb"', '"character 0" of the text: expected a string, got "\\"a\\tb\\""'],
  ['"\\x"', '"character 0" of the text: expected a string, got "\\"\\\\x\\""'],
  ['"\\udc00"', '"character 0" of the text: expected well-formed Unicode, got "\\udc00"'],
  ['{"a":1,"a":2}', '"character 7" of the text: expected each key once, got "a" again'],
  [
    "[2.5]",
    '"character 1" of the text: expected a whole number from 0 to 9007199254740991, got 2.5',
  ],
  ["[[[[[[[[[", '"character 8" of the text: expected at most 8 levels, got level 9'],
];

for (const [written, message] of MESSAGES) {
  test(`says of ${written}: ${message}`, () => assert.is(refused(written).message, message));
}

test.run();
