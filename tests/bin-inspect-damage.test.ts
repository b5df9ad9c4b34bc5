import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  FOLDER,
  put,
  run,
  runHere,
  runJson,
  savedFile,
  savedState,
  savedTensors,
  tensor,
  VALUES,
} from "./reference/bin-tool.ts";
import {
  checkpointMetadata,
  headerLength,
  headerText,
  inFileOrder,
  padded,
  plainCheckpoint,
  plainFile,
  rawFile,
  withHeaderCrc,
} from "./reference/plain-checkpoint.ts";

const test = suite("bin: inspect of damaged files");

const file = savedFile();
const DATA = 8 + headerLength(file);
const NAMES = inFileOrder(savedTensors()).map(({ name }) => name);

interface Tensor {
  readonly name: string;
  readonly state: string;
  readonly norm: number | null;
}

/** Inspects a file of these bytes. Returns the exit code, the reasons and each tensor's state. */
async function inspected(bytes: Uint8Array) {
  const { code, answer } = await runJson("inspect", put("damaged", bytes));
  const { kind, sound, problems, checkpoint } = answer;
  const states = Object.fromEntries(
    answer.tensors.map(({ name, state }: Tensor) => [name, state]),
  ) as Record<string, string>;
  assert.is(sound, code === 0);
  const reasons = problems.map(({ reason }: { reason: string }) => reason) as string[];
  return { code, kind, reasons, states, checkpoint, tensors: answer.tensors as Tensor[] };
}

test("says which tensors have a wrong CRC, and shows all of them", async () => {
  const bytes = file.slice();
  bytes[DATA + 3] ^= 1;
  bytes[bytes.length - 1] ^= 0x80;
  const { code, reasons, states } = await inspected(bytes);
  assert.is(code, 1);
  assert.equal(reasons, ["WRONG_CRC", "WRONG_CRC"]);
  const wrong = NAMES.filter((name) => states[name] === "wrong");
  assert.equal(wrong, [NAMES[0], NAMES.at(-1)]);
  assert.is(NAMES.filter((name) => states[name] === "ok").length, NAMES.length - 2);

  const { code: exitCode, stdout, stderr } = run("inspect", "damaged");
  assert.is(exitCode, 1);
  assert.is(stderr, "");
  assert.match(stdout, /^damaged: a checkpoint of AdamW after 1,200 steps, DAMAGED\n/);
  assert.match(
    stdout,
    /\nProblems\n {2}WRONG_CRC {2}"CRC-32" of tensor "exp_avg.body.w": expected [0-9a-f]{8}, got [0-9a-f]{8}\./,
  );
  assert.match(stdout, /\n {4}exp_avg +F32 .* WRONG\n/);
  assert.is(stdout.match(/ ok\n/g)?.length, 4);
});

test("every single bit of the data is watched over", async () => {
  for (let bit = 0; bit < 8 * (file.length - DATA); bit += 37) {
    const bytes = file.slice();
    bytes[DATA + (bit >> 3)] ^= 1 << (bit & 7);
    const { code, reasons } = await inspected(bytes);
    assert.is(code, 1, `bit ${bit}`);
    assert.equal(reasons, ["WRONG_CRC"], `bit ${bit}`);
  }
});

test("of a file that is cut off, shows what is there", async () => {
  for (let length = DATA; length < file.length; length += 5) {
    const { code, kind, reasons, states, tensors } = await inspected(file.subarray(0, length));
    assert.is(code, 1);
    assert.is(kind, "checkpoint");
    assert.equal(reasons, ["TRUNCATED"]);
    let begin = DATA;
    for (const name of NAMES) {
      const end = begin + 4 * VALUES[name as keyof typeof VALUES].length;
      const expected = length >= end ? "ok" : length > begin ? "cut off" : "missing";
      assert.is(states[name], expected, `${name} of ${length} bytes`);
      const { norm } = tensors.find((each) => each.name === name) as Tensor;
      assert.is(norm === null, expected !== "ok");
      begin = end;
    }
  }
  const { stdout } = await runHere("inspect", put("cut", file.subarray(0, DATA + 30)));
  assert.match(stdout, / exp_avg +F32 .* - +CUT OFF\n/);
  assert.match(stdout, / exp_avg_sq +F32 +- +- +- +- +MISSING\n/);
});

test("cut off within the header, nothing can be shown", async () => {
  for (const length of [0, 1, 7, 8, 9, 100, DATA - 1]) {
    const { code, kind, reasons, tensors, checkpoint } = await inspected(file.subarray(0, length));
    assert.equal({ code, kind, checkpoint }, { code: 1, kind: null, checkpoint: null });
    assert.equal(reasons, ["TRUNCATED"], `${length} bytes`);
    assert.equal(tensors, []);
  }
  const { code, stdout } = await runHere("inspect", put("empty", ""));
  assert.is(code, 1);
  assert.match(
    stdout,
    /^empty: no safetensors file that can be read\n\nProblems\n {2}TRUNCATED {2}/,
  );
});

test("bytes after the end are a problem, and the rest is as it is", async () => {
  const { code, reasons, states } = await inspected(new Uint8Array([...file, 0]));
  assert.is(code, 1);
  assert.equal(reasons, ["TRAILING_BYTES"]);
  assert.ok(NAMES.every((name) => states[name] === "ok"));
});

const text = headerText(file);
const data = file.subarray(DATA);
const state = JSON.stringify(savedState());
const metadata = checkpointMetadata(state, inFileOrder(savedTensors()));
const withMetadata = (changes: Record<string, string | undefined>) => {
  const entries = Object.entries({ ...metadata, ...changes }).filter(
    ([, value]) => value !== undefined,
  );
  return withHeaderCrc(
    plainFile(inFileOrder(savedTensors()), Object.fromEntries(entries) as Record<string, string>),
  );
};

test("a header whose CRC is wrong is shown all the same", async () => {
  const { code, reasons, checkpoint } = await inspected(
    rawFile(text.replace('\\"steps\\":1200', '\\"steps\\":9200'), data),
  );
  assert.is(code, 1);
  assert.equal(reasons, ["WRONG_HEADER_CRC"]);
  assert.is(checkpoint.steps, 9200);
});

const METADATA: readonly (readonly [
  why: string,
  changes: Record<string, string | undefined>,
  reason: string,
])[] = [
  ["a newer version", { "ashlar.version": "2" }, "NEWER_VERSION"],
  ["no version", { "ashlar.version": undefined }, "MISSING_METADATA"],
  ["a version that is no number", { "ashlar.version": "one" }, "UNKNOWN_VERSION"],
  ["another format", { format: "pt" }, "NOT_A_CHECKPOINT"],
  ["no state", { "ashlar.state": undefined }, "MISSING_METADATA"],
  ["state that is no JSON", { "ashlar.state": "{" }, "BAD_STATE"],
  ["state of something else", { "ashlar.state": '{"class":"AdamW"}' }, "BAD_STATE"],
  ["no CRCs", { "ashlar.tensor_crc32": undefined }, "MISSING_METADATA"],
  ["CRCs of nothing", { "ashlar.tensor_crc32": "{}" }, "MISSING_CRC"],
  ["CRCs that are none", { "ashlar.tensor_crc32": "?" }, "BAD_JSON"],
];

test("what is wrong with the metadata is named, and the tensors are listed", async () => {
  for (const [why, changes, reason] of METADATA) {
    const bytes = withMetadata(changes);
    const { code, kind, reasons, tensors, checkpoint } = await inspected(bytes);
    assert.is(code, 1, why);
    assert.is(kind, "checkpoint", why);
    assert.equal(reasons, [reason], why);
    assert.is(tensors.length, NAMES.length, why);
    assert.is(tensors.find(({ name }) => name === "param.body.w")?.norm, 13, why);
    assert.is(checkpoint === null, "ashlar.state" in changes, why);
    const { stdout } = await runHere("inspect", "damaged");
    assert.ok(stdout.includes(`\n  ${reason}  `), why);
    const crc = "ashlar.tensor_crc32" in changes ? / F32 .* none$/gm : / F32 .* ok$/gm;
    assert.is(stdout.match(crc)?.length, NAMES.length, why);
  }
});

test("state that is nested without end is a problem, not a crash", async () => {
  for (const depth of [50_000, 1_000_000]) {
    const deep = `${"[".repeat(depth)}${"]".repeat(depth)}`;
    const options = state.replace('"weightDecay":0.01', `"weightDecay":${deep}`);
    const bytes = plainCheckpoint(options, savedTensors());
    const { code, reasons } = await inspected(bytes);
    assert.is(code, 1);
    assert.equal(reasons, ["BAD_STATE"]);
  }
});

test("a schedule that refers to itself is a problem, one that is not there is not shown", async () => {
  const schedules = [{ data: { name: "loop", options: { inner: { $schedule: 0 } } }, states: [] }];
  const { code, reasons } = await inspected(savedFile({ schedules }));
  assert.equal({ code, reasons }, { code: 1, reasons: ["BAD_STATE"] });
  const { code: other, checkpoint } = await inspected(savedFile({ schedules: [] }));
  assert.is(other, 0);
  assert.is(checkpoint.groups[0].nextLr, null);
  assert.match((await runHere("inspect", "damaged")).stdout, / body .* by a function +0\.01 /);
});

const HEADERS: readonly (readonly [reason: string, bytes: Uint8Array])[] = [
  ["HEADER_TOO_LONG", new TextEncoder().encode("this is a text file, no more")],
  ["BAD_JSON", rawFile(padded('{"a":'))],
  ["NOT_SAFETENSORS", rawFile(padded(" {}"))],
  [
    "HOLE",
    rawFile(padded('{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}'), new Uint8Array(2)),
  ],
  [
    "UNKNOWN_DTYPE",
    rawFile(padded('{"a":{"dtype":"F9","shape":[1],"data_offsets":[0,1]}}'), new Uint8Array(1)),
  ],
  [
    "SIZE_OVERFLOW",
    rawFile(padded('{"a":{"dtype":"F64","shape":[9007199254740991],"data_offsets":[0,8]}}')),
  ],
];

test("other files are no safetensors files, and the reason is one word", async () => {
  for (const [reason, bytes] of HEADERS) {
    const { code, kind, reasons } = await inspected(bytes);
    assert.equal({ code, kind, reasons }, { code: 1, kind: null, reasons: [reason] });
  }
});

test("a checkpoint that lacks a tensor, or has it in another shape, is not sound", async () => {
  const [first, ...others] = savedTensors();
  for (const [reason, tensors] of [
    ["MISSING_TENSOR", others],
    ["WRONG_SHAPE", [{ ...first, shape: [6] }, ...others]],
    ["WRONG_DTYPE", [{ ...first, dtype: "U32" }, ...others]],
  ] as const) {
    const { code, reasons, checkpoint } = await inspected(plainCheckpoint(state, tensors));
    assert.equal({ code, reasons }, { code: 1, reasons: [reason] });
    assert.is(checkpoint.steps, 1200);
  }
});

test("a header that promises more than any disk holds costs nothing", async () => {
  const most = 2 ** 52;
  const header = `{"a":{"dtype":"U8","shape":[${most}],"data_offsets":[0,${most}]}}`;
  const { code, reasons, states } = await inspected(rawFile(padded(header), new Uint8Array(5)));
  assert.equal(
    { code, reasons, states },
    { code: 1, reasons: ["TRUNCATED"], states: { a: "cut off" } },
  );
});

test("what cannot be read has the exit code 2 and one line on stderr", async () => {
  for (const [path, message] of [
    ["no-such-file", /^ashlar inspect: cannot read "no-such-file": ENOENT: .*\n$/],
    [FOLDER, /^ashlar inspect: cannot read ".*": EISDIR: .*\n$/],
    ["a\x1b[2J\u202e", /^ashlar inspect: cannot read "a\\u001b\[2J\\u202e": ENOENT: .*\n$/],
  ] as const) {
    const { code, stdout, stderr } = await runHere("inspect", path);
    assert.is(code, 2, path);
    assert.is(stdout, "");
    assert.match(stderr, message);
  }
  assert.is(run("inspect", "no-such-file").code, 2);
});

test("a foreign file that is cut off has no CRCs, and says what is there", async () => {
  const bytes = plainFile([tensor("a", "F32", [2], [1, 2]), tensor("b", "F32", [2], [3, 4])]);
  const { code, kind, reasons, states } = await inspected(bytes.subarray(0, bytes.length - 1));
  assert.equal({ code, kind, reasons }, { code: 1, kind: "safetensors", reasons: ["TRUNCATED"] });
  assert.equal(states, { a: "unchecked", b: "cut off" });
});

test.run();
