import { spawn } from "node:child_process";
import { readdirSync, readFileSync, symlinkSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { readWeights } from "../src/state/weights/read-weights.ts";
import {
  FOLDER,
  put,
  run,
  runHere,
  savedFile,
  savedState,
  TOOL,
  tensor,
  VALUES,
} from "./reference/bin-tool.ts";
import {
  padded,
  plainCheckpoint,
  plainFile,
  rawFile,
  readPlain,
} from "./reference/plain-checkpoint.ts";
import { weightValue, xorshift32 } from "./reference/random.ts";
import { narrowed } from "./reference/round-half.ts";

const test = suite("bin: convert");

const read = (name: string) => readPlain(Uint8Array.from(readFileSync(join(FOLDER, name))));
const files = () => readdirSync(FOLDER).sort();
const DTYPES = { float32: "F32", float16: "F16", bfloat16: "BF16" } as const;

put("run", savedFile());

test("a checkpoint's masters become a file of weights that transformers reads", () => {
  const { code, stdout, stderr } = run("convert", "run", "weights", "--to", "float32");
  assert.is(code, 0);
  assert.is(stderr, "");
  const { metadata, tensors } = read("weights");
  assert.equal(metadata, { format: "pt" });
  assert.equal(tensors, [
    tensor("body.w", "F32", [2, 3], VALUES["param.body.w"]),
    tensor("head.b", "F32", [2], VALUES["param.head.b"]),
  ]);
  const { length } = readFileSync(join(FOLDER, "weights"));
  assert.is(stdout, `weights: 2 tensors, 8 elements in float32; ${length} bytes\n`);
});

test("--json says what was written, from what, and what was lost", () => {
  put(
    "large",
    plainFile([
      tensor("w", "F32", [3], [1, 1e6, 1e-9]),
      tensor("n", "U8", [2], Uint8Array.of(1, 2)),
    ]),
  );
  const { code, stdout, stderr } = run("convert", "large", "small", "--to", "float16", "--json");
  assert.is(code, 0);
  assert.is(stderr, "");
  const { length } = readFileSync(join(FOLDER, "small"));
  assert.equal(JSON.parse(stdout), {
    out: "small",
    to: "float16",
    bytes: length,
    tensors: [
      { name: "w", dtype: "F16", shape: [3], from: "F32", overflowed: 1, vanished: 1 },
      { name: "n", dtype: "U8", shape: [2], from: "U8", overflowed: 0, vanished: 0 },
    ],
    left: [],
  });
});

test("what it writes, readWeights reads", async () => {
  await runHere("convert", "run", "again", "--to", "float16");
  const { parameters } = await readWeights(join(FOLDER, "again"));
  assert.equal(Object.keys(parameters), ["body.w", "head.b"]);
  const expected = narrowed(Float32Array.from(VALUES["param.body.w"]), "float16").halves;
  assert.equal(parameters["body.w"].data, expected);
});

test("rounds every element of a large tensor, chunk after chunk", async () => {
  const next = xorshift32(0xabcdef01);
  const length = 300_001;
  const values = Float32Array.from({ length }, () => weightValue(next()));
  put("large", plainFile([tensor("w", "F32", [length], values), tensor("v", "F32", [1], [7])]));
  for (const to of ["float16", "bfloat16"] as const) {
    const { code } = await runHere("convert", "large", `large-${to}`, "--to", to);
    assert.is(code, 0);
    const [v, w] = read(`large-${to}`).tensors;
    assert.equal([v.name, w.name, w.dtype], ["v", "w", DTYPES[to]]);
    assert.ok(Buffer.from(w.bytes).equals(Buffer.from(narrowed(values, to).halves.buffer)));
    // And back: widening is exact, so that narrowing it again changes nothing.
    await runHere("convert", `large-${to}`, "wide", "--to", "float32", "--force");
    await runHere("convert", "wide", "back", "--to", to, "--force");
    assert.ok(readFileSync(join(FOLDER, "back")).equals(readFileSync(join(FOLDER, `large-${to}`))));
  }
});

test("what becomes infinite or 0 is counted on stderr, and the exit code stays 0", async () => {
  const a = [1e6, -70_000, 1, Number.POSITIVE_INFINITY, Number.NaN, 65_519];
  put("wild", plainFile([tensor("a", "F32", [6], a), tensor("b", "F32", [2], [1e-9, 65_520])]));
  const { code, stderr } = await runHere("convert", "wild", "tame", "--to", "float16");
  assert.is(code, 0);
  assert.is(
    stderr,
    "ashlar convert: 3 elements became infinite, as float16 ends at 65,504: a (2), b (1)\n" +
      "ashlar convert: 1 element became 0, as float16 begins at 6e-8: b (1)\n",
  );
  const [first] = read("tame").tensors;
  const halves = [...new Uint16Array(first.bytes.buffer)];
  assert.equal(halves, [0x7c00, 0xfc00, 0x3c00, 0x7c00, 0x7e00, 0x7bff]);
  assert.is((await runHere("convert", "wild", "fine", "--to", "bfloat16")).stderr, "");
});

test("float64 is rounded once, also to 16 bits", async () => {
  // 1 + 2^-11 is the tie above 1 in float16; by way of float32 the second would be that tie.
  const values = Float64Array.of(1 + 2 ** -11, 1 + 2 ** -11 + 2 ** -40, 1e300, 1e-300);
  put("double", plainFile([tensor("d", "F64", [4], values)]));
  const { stderr } = await runHere("convert", "double", "double-16", "--to", "float16");
  assert.match(stderr, /1 element became infinite.*d \(1\)\n.*1 element became 0/);
  const [half] = read("double-16").tensors;
  assert.equal([...new Uint16Array(half.bytes.buffer)], [0x3c00, 0x3c01, 0x7c00, 0]);
  await runHere("convert", "double", "double-32", "--to", "float32");
  const [single] = read("double-32").tensors;
  assert.equal(new Float32Array(single.bytes.buffer), Float32Array.from(values));
});

const MIXED = [
  tensor("ids", "I64", [2], BigInt64Array.of(1n, -1n)),
  tensor("w", "F16", [3], Uint16Array.of(0x3c00, 0x7c01, 0x0001)),
  tensor("q", "F8_E4M3", [3], Uint8Array.of(1, 2, 255)),
  tensor("flag", "BOOL", [1], Uint8Array.of(1)),
];

test("other tensors are copied bit by bit, or left out; metadata stay", async () => {
  put("mixed", plainFile(MIXED, { format: "mlx", note: "kept" }));
  const { stdout } = await runHere("convert", "mixed", "mixed-32", "--to", "float32");
  assert.match(stdout, /^mixed-32: 1 tensor, 3 elements in float32; \d+ bytes\n/);
  assert.match(stdout, /\n {2}copied as they are: ids \(I64\), flag \(BOOL\), q \(F8_E4M3\)\n$/);
  const { metadata, tensors } = read("mixed-32");
  assert.equal(metadata, { format: "mlx", note: "kept" });
  const [ids, w, flag, q] = tensors;
  assert.equal([ids, flag, q], [MIXED[0], MIXED[3], MIXED[2]]);
  assert.equal([...new Uint32Array(w.bytes.buffer)], [0x3f800000, 0x7f802000, 0x33800000]);

  const { stdout: said } = await runHere(
    "convert",
    "mixed",
    "mixed-w",
    "--to",
    "float32",
    "--weights",
  );
  assert.match(said, /\n {2}left out, no weights: ids, q, flag\n$/);
  assert.equal(
    read("mixed-w").tensors.map(({ name }) => name),
    ["w"],
  );
});

test("the same dtype is copied: a NaN keeps its bits", async () => {
  const bits = Uint16Array.of(0x7c01, 0xfdab, 0x8000);
  put("nans", plainFile([tensor("n", "F16", [3], bits)]));
  await runHere("convert", "nans", "nans-too", "--to", "float16");
  assert.equal(read("nans-too").tensors, [tensor("n", "F16", [3], bits)]);
});

test("never replaces a file unless it is told to", async () => {
  put("kept", "as it was");
  const before = files();
  const { code, stdout, stderr } = run("convert", "run", "kept", "--to", "float32");
  assert.equal({ code, stdout }, { code: 2, stdout: "" });
  assert.is(stderr, 'ashlar convert: "kept" exists: --force replaces it\n');
  assert.is(readFileSync(join(FOLDER, "kept"), "utf8"), "as it was");
  assert.equal(files(), before);
  assert.is(run("convert", "run", "kept", "--to", "float32", "--force").code, 0);
  assert.is(read("kept").tensors.length, 2);
  assert.equal(files(), before);
  if (process.platform === "win32") return;
  symlinkSync("nowhere", join(FOLDER, "dangling"));
  assert.is((await runHere("convert", "run", "dangling", "--to", "float32")).code, 2);
});

test("a file can be converted in its own place", async () => {
  put("self", plainFile([tensor("w", "F32", [2], [1, 2])]));
  const { code } = await runHere("convert", "self", "self", "--to", "bfloat16", "--force");
  assert.is(code, 0);
  const [{ dtype, bytes }] = read("self").tensors;
  assert.equal([dtype, ...new Uint16Array(bytes.buffer)], ["BF16", 0x3f80, 0x4000]);
});

test("a damaged file is not converted, and nothing is left of it", async () => {
  const file = savedFile();
  // Of the last tensor, which is one of the weights.
  file[file.length - 1] ^= 1;
  put("flipped", file);
  put("cut", file.subarray(0, -1));
  put("target", "as it was");
  const before = files();
  for (const [name, message] of [
    [
      "flipped",
      /^ashlar convert: cannot read "flipped": WRONG_CRC: "CRC-32" of tensor "param.head.b": /,
    ],
    ["cut", /^ashlar convert: cannot read "cut": TRUNCATED: /],
    ["gone", /^ashlar convert: cannot read "gone": ENOENT/],
  ] as const) {
    const args = ["convert", name, "target", "--to", "float16", "--force"];
    const { code, stdout, stderr } = await runHere(...args);
    assert.equal({ code, stdout }, { code: 2, stdout: "" }, name);
    assert.match(stderr, message);
    assert.is(readFileSync(join(FOLDER, "target"), "utf8"), "as it was");
    assert.equal(files(), before, name);
  }
});

test("what cannot be written is said in a line", async () => {
  for (const [out, message] of [
    ["no/such/folder/out", /ENOENT/],
    [".", /exists/],
  ] as const) {
    const { code, stderr } = await runHere("convert", "run", out, "--to", "float32");
    assert.is(code, 2);
    assert.match(stderr, message);
    assert.is(stderr.split("\n").length, 2);
  }
});

test("a parameter whose name no file can hold is refused", async () => {
  const { parameters, ...state } = savedState();
  const name = "__metadata__";
  const text = JSON.stringify({ ...state, parameters: [{ ...parameters[0], name, shape: [1] }] });
  put("reserved", plainCheckpoint(text, [tensor(`param.${name}`, "F32", [1], [1])]));
  const { code, stderr } = await runHere("convert", "reserved", "never", "--to", "float16");
  assert.is(code, 2);
  assert.match(
    stderr,
    /^ashlar convert: cannot write the tensors: "name" of a tensor: .*"__metadata__"\n$/,
  );
});

if (process.platform !== "win32") {
  test("an interruption leaves nothing behind", async () => {
    // Mostly a hole: large without taking space, and not converted before the signal comes.
    put("huge", rawFile(padded(headerOf(2 ** 30))));
    truncateSync(join(FOLDER, "huge"), 8 + padded(headerOf(2 ** 30)).length + 2 ** 30);
    const before = files();
    const args = [TOOL, "convert", "huge", "cut-short", "--to", "float16"];
    const child = spawn(process.execPath, args, { cwd: FOLDER, stdio: "ignore" });
    const ended = new Promise((resolve) => {
      child.on("close", (...end) => resolve(end));
    });
    while (!files().some((name) => name.startsWith(".cut-short."))) await sleep(20);
    child.kill("SIGINT");
    assert.equal(await ended, [130, null]);
    assert.equal(files(), before);
  });
}

const headerOf = (bytes: number) =>
  `{"w":{"dtype":"F32","shape":[${bytes / 4}],"data_offsets":[0,${bytes}]}}`;

test.run();
