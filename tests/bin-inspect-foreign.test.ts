import { spawnSync } from "node:child_process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  FOLDER,
  put,
  run,
  runHere,
  runJson,
  savedFile,
  TOOL,
  tensor,
} from "./reference/bin-tool.ts";
import { plainFile, rawFile } from "./reference/plain-checkpoint.ts";

const test = suite("bin: inspect of files of others");

const TENSORS = [
  tensor("model.embed.weight", "F16", [2, 2], Uint16Array.of(0x3c00, 0xc000, 0x7c00, 0x7e00)),
  tensor("model.norm.weight", "BF16", [2], Uint16Array.of(0x3f80, 0x4000)),
  tensor("position_ids", "I64", [3], BigInt64Array.of(-1n, 5n, 0n)),
  tensor("mask", "BOOL", [2, 1], Uint8Array.of(1, 0)),
  tensor("scale", "F64", [], Float64Array.of(3e-200)),
  tensor("nothing", "F32", [0, 4], []),
];

test("lists metadata and tensors, without CRCs and steps", () => {
  put("model.safetensors", plainFile(TENSORS, { format: "pt", note: "a\nb" }));
  const { code, stdout } = run("inspect", "model.safetensors");
  assert.is(code, 0);
  assert.fixture(
    stdout,
    `model.safetensors: a safetensors file, sound

  size        494 bytes, 448 bytes of header
  tensors     6, 12 elements
  non-finite  2 elements of 1 tensor

Metadata
  format  pt
  note    a\\u000ab

Tensors
  tensor              dtype  shape   elements     norm     min     max  non-finite
  ------------------  -----  ------  --------  -------  ------  ------  ----------
  model.embed.weight  F16    [2, 2]         4  2.23607      -2       1           2
  model.norm.weight   BF16   [2]            2  2.23607       1       2           0
  position_ids        I64    [3]            3  5.09902      -1       5           0
  mask                BOOL   [2, 1]         2        1       0       1           0
  scale               F64    []             1   3e-200  3e-200  3e-200           0
  nothing             F32    [0, 4]         0        0       -       -           0
`,
  );
});

test("--json has the same, and the CRCs that the bytes have", async () => {
  const { code, answer } = await runJson("inspect", "model.safetensors");
  assert.is(code, 0);
  assert.is(answer.kind, "safetensors");
  assert.is(answer.checkpoint, null);
  assert.equal(answer.metadata, { format: "pt", note: "a\nb" });
  assert.is(answer.tensors.length, TENSORS.length);
  const [embed] = answer.tensors;
  const { crc32, ...rest } = embed;
  assert.match(crc32, /^[0-9a-f]{8}$/);
  assert.equal(rest, {
    name: "model.embed.weight",
    parameter: null,
    kind: null,
    step: null,
    dtype: "F16",
    shape: [2, 2],
    elements: 4,
    bytes: 8,
    norm: Math.sqrt(5),
    min: -2,
    max: 1,
    nonFinite: 2,
    state: "unchecked",
  });
});

test("data that is aligned to nothing has the same values", async () => {
  const entries = [
    '"pad":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}',
    '"a":{"dtype":"F32","shape":[2],"data_offsets":[3,11]}',
    '"b":{"dtype":"F64","shape":[1],"data_offsets":[11,19]}',
  ];
  const bytes = [Uint8Array.of(1, 2, 3), Float32Array.of(3, 4), Float64Array.of(-7)].flatMap(
    ({ buffer }) => [...new Uint8Array(buffer)],
  );
  put("odd", rawFile(`{${entries.join()}}`, Uint8Array.from(bytes)));
  const { code, answer } = await runJson("inspect", "odd");
  assert.is(code, 0);
  assert.equal(
    answer.tensors.map(({ norm }: { norm: number }) => norm),
    [Math.sqrt(14), 5, 7],
  );
});

test("elements that are no numbers are counted, not measured", async () => {
  const tensors = [
    tensor("z", "C64", [1], Float32Array.of(1, 2)),
    tensor("packed", "F4", [3, 2], Uint8Array.of(1, 2, 3)),
    tensor("six", "F6_E2M3", [4], Uint8Array.of(1, 2, 3)),
  ];
  put("odd-dtypes", plainFile(tensors));
  const { code, stdout } = await runHere("inspect", "odd-dtypes");
  assert.is(code, 0);
  assert.match(stdout, /\n {2}z +C64 +\[1\] +1 +- +- +- +-\n/);
  assert.match(stdout, /\n {2}packed +F4 +\[3, 2\] +6 +- +- +- +-\n/);
  assert.match(stdout, /\n {2}six +F6_E2M3 +\[4\] +4 +- +- +- +-\n/);
});

test("names and metadata steer no terminal, in text or in JSON", async () => {
  const evil = "\x1b]0;t\x07\x9b31m\u202e\u{e0001}";
  const tensors = [tensor(evil, "F32", [1], [1]), tensor("__proto__", "F32", [1], [2])];
  const file = put("evil\u202e", plainFile(tensors, { [evil]: evil, ["__proto__"]: "x" }));
  for (const args of [[file], [file, "--json"]]) {
    const { code, stdout } = run("inspect", ...args);
    assert.is(code, 0);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that none is there
    assert.not.match(stdout, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
    assert.match(stdout, /__proto__/);
  }
  const { answer } = await runJson("inspect", file);
  assert.is(answer.tensors[0].name, evil);
  assert.is(answer.metadata[evil], evil);
  assert.is(Object.getOwnPropertyDescriptor(answer.metadata, "__proto__")?.value, "x");
});

test("long names and values lose their middle in the table, and nothing in JSON", async () => {
  const name = `${"block.".repeat(30)}weight`;
  put("long", plainFile([tensor(name, "F32", [1], [1])], { notes: "n".repeat(1_000) }));
  const { stdout } = await runHere("inspect", "long");
  assert.match(stdout, /\n {2}block\.[block.]*\.\.\.[block.]*\.weight +F32 /);
  assert.ok(stdout.split("\n").every((line) => line.length <= 160));
  const { answer } = await runJson("inspect", "long");
  assert.is(answer.tensors[0].name, name);
  assert.is(answer.metadata.notes.length, 1_000);
});

test("columns stand below each other whatever the letters", async () => {
  const names = ["词嵌入.weight", "größe", "e\u0301", "plain"];
  put("letters", plainFile(names.map((name) => tensor(name, "F32", [1], [1]))));
  const { stdout } = await runHere("inspect", "letters");
  const rows = stdout.slice(stdout.indexOf("\nTensors")).split("\n").slice(4, 8);
  // East Asian letters take two columns, combining marks none.
  assert.equal(
    rows.map((row) => row.indexOf("F32")),
    [17 - 3, 17, 17 + 1, 17],
  );
});

test("a file without tensors or metadata is sound", async () => {
  put("bare", rawFile("{}"));
  const { code, stdout } = await runHere("inspect", "bare");
  assert.is(code, 0);
  assert.is(
    stdout,
    "bare: a safetensors file, sound\n\n  size     10 bytes, 10 bytes of header\n  tensors  0, 0 elements\n",
  );
});

if (process.platform !== "win32") {
  test("a pipe is read as a file is", () => {
    const bytes = savedFile();
    put("piped", bytes);
    const inspect = (command: string) => {
      const script = `${command} | "${process.execPath}" "${TOOL}" inspect /dev/stdin --json`;
      const { stdout, status } = spawnSync("sh", ["-c", script], { cwd: FOLDER, encoding: "utf8" });
      return { status, answer: JSON.parse(stdout) };
    };
    const { status, answer } = inspect("cat piped");
    assert.is(status, 0);
    const { answer: expected } = JSON.parse(
      JSON.stringify({ answer: JSON.parse(run("inspect", "piped", "--json").stdout) }),
    );
    assert.equal({ ...answer, file: "piped" }, expected);
    for (const [command, reason] of [
      [`head -c ${bytes.length - 1} piped`, "TRUNCATED"],
      ["cat piped piped", "TRAILING_BYTES"],
    ]) {
      const { status: code, answer: damaged } = inspect(command);
      assert.is(code, 1);
      assert.equal(
        damaged.problems.map((problem: { reason: string }) => problem.reason),
        [reason],
      );
    }
  });
}

test.run();
