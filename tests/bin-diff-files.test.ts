import { spawnSync } from "node:child_process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  assertCannotTell,
  FOLDER,
  put,
  run,
  runHere,
  runJson,
  savedFile,
  savedTensors,
  TOOL,
  tensor,
} from "./reference/bin-tool.ts";
import { plainCheckpoint, plainFile } from "./reference/plain-checkpoint.ts";

const test = suite("bin: diff of files of others, and of what cannot be read");

put("a", savedFile());

test("names that only one has, other shapes and other dtypes", async () => {
  const floats = (...values: number[]) => Float32Array.from(values);
  put(
    "left",
    plainFile([
      tensor("left", "F32", [1], [1]),
      tensor("flat", "F32", [4], [1, 2, 3, 4]),
      tensor("grown", "F32", [2], [1, 2]),
      tensor("narrow", "F32", [2], floats(1, 1 / 3)),
      tensor("ids", "I32", [2], Int32Array.of(1, 2)),
    ]),
  );
  put(
    "right",
    plainFile(
      [
        tensor("ids", "I64", [2], BigInt64Array.of(1n, 2n)),
        tensor("narrow", "BF16", [2], Uint16Array.of(0x3f80, 0x3eab)),
        tensor("grown", "F32", [3], [1, 2, 3]),
        tensor("flat", "F32", [2, 2], [1, 2, 3, 5]),
        tensor("right", "F32", [1], [1]),
      ],
      { format: "pt" },
    ),
  );
  const { code, stdout } = await runHere("diff", "left", "right");
  assert.is(code, 1);
  assert.fixture(
    stdout,
    `A  left: a safetensors file
B  right: a safetensors file

Metadata
  of        what    A  B
  --------  ------  -  --
  metadata  format  -  pt

Tensors that differ
  tensor  dtype      shape        elements  differing    absolute    relative  first at         A         B
  ------  ---------  -----------  --------  ---------  ----------  ----------  --------  --------  --------
  flat    F32        [4], [2, 2]         4          1           1         0.2  [3]              4         5
  grown   F32        [2], [3]            2          -           -           -  -                -         -
  narrow  F32, BF16  [2]                 2          1  6.51032e-4  0.00194929  [1]       0.333333  0.333984
  ids     I32, I64   [2]                 2          0           0           0  -                -         -

Only in A
  left

Only in B
  right

Different: 4 of 4 tensors in both, 1 tensor only in A, 1 tensor only in B, 1 value of the metadata
`,
  );
});

test("the order of the tensors in the files does not matter", async () => {
  const tensors = Array.from({ length: 50 }, (_, i) =>
    tensor(
      `t${i}`,
      "F32",
      [1000],
      Float32Array.from({ length: 1000 }, (_, k) => i + k),
    ),
  );
  put("forth", plainFile(tensors));
  put("back", plainFile([...tensors].reverse()));
  assert.is((await runHere("diff", "forth", "back")).code, 0);
});

test("NaN and infinities: bits decide, and the largest difference is of finite values", async () => {
  const nan = (payload: number) => new Float32Array(Uint32Array.of(payload).buffer)[0];
  const bits = (...words: number[]) => Uint32Array.from(words);
  assert.ok(Number.isNaN(nan(0x7fc00001)));
  put(
    "odd-a",
    plainFile([
      tensor("t", "F32", [5], bits(0x7fc00001, 0x7fc00000, 0x3f800000, 0x7f800000, 0x40000000)),
    ]),
  );
  put(
    "odd-b",
    plainFile([
      tensor("t", "F32", [5], bits(0x7fc00002, 0x7fc00000, 0x7f800000, 0xff800000, 0x40400000)),
    ]),
  );
  const { answer } = await runJson("diff", "odd-a", "odd-b");
  const { first, ...values } = answer.tensors[0].values;
  assert.equal(first, { index: 0, a: "NaN", b: "NaN" });
  assert.equal(values, { at: [0], differing: 4, absolute: 1, relative: 1 / 3, nonFinite: 3 });
  assert.match(
    (await runHere("diff", "odd-a", "odd-b")).stdout,
    / relative +non-finite +first at /,
  );
});

test("elements that are no numbers are the same or not", async () => {
  const complex = (...values: number[]) =>
    plainFile([tensor("z", "C64", [1], Float32Array.from(values))]);
  put("z1", complex(1, 2));
  put("z2", complex(1, 3));
  assert.is((await runHere("diff", "z1", "z1")).code, 0);
  const { code, answer } = await runJson("diff", "z1", "z2");
  assert.is(code, 1);
  assert.equal([answer.tensors[0].equal, answer.tensors[0].values], [false, null]);
});

test("so many rows, and the rest counted", async () => {
  const tensors = (offset: number) =>
    plainFile(Array.from({ length: 60 }, (_, i) => tensor(`t${i}`, "F32", [1], [i + offset])));
  put("sixty", tensors(0));
  put("others", tensors(1));
  const rows = async (...args: string[]) => {
    const { stdout } = await runHere("diff", "sixty", "others", ...args);
    return [
      stdout.match(/^ {2}t\d/gm)?.length,
      /\n {2}and (\d+) more: --tensors all/.exec(stdout)?.[1],
    ];
  };
  assert.equal(await rows(), [24, "36"]);
  assert.equal(await rows("--tensors", "3"), [3, "57"]);
  assert.equal(await rows("--tensors", "all"), [60, undefined]);
});

test("a file that is damaged or cannot be read: exit code 2, and why", async () => {
  const flipped = savedFile();
  flipped[flipped.length - 1] ^= 1;
  put("flipped", flipped);
  put("cut", savedFile().subarray(0, flipped.length - 4));
  put("text", "hello");
  const newer = plainCheckpoint("{}", savedTensors());
  put("no-state", newer);
  for (const [file, message] of [
    [
      "flipped",
      /^ashlar diff: cannot read "flipped": WRONG_CRC: "CRC-32" of tensor "param\.head\.b": /,
    ],
    ["cut", /cannot read "cut": TRUNCATED: /],
    ["text", /cannot read "text": TRUNCATED: /],
    ["no-state", /cannot read "no-state": BAD_STATE: /],
    ["none", /cannot read "none": ENOENT/],
    [".", /cannot read "\.": EISDIR/],
  ] as const) {
    await assertCannotTell("diff", file, message);
  }
  assert.is(run("diff", "a", "none").code, 2);
});

if (process.platform !== "win32") {
  test("pipes can be compared, as long as the tensors come in the same order", () => {
    const piped = (b: string) =>
      spawnSync(
        "sh",
        [
          "-c",
          `cat ${b} | "${process.execPath}" "${TOOL}" diff "$0" /dev/stdin`,
          b.replace("back", "forth"),
        ],
        {
          cwd: FOLDER,
          encoding: "utf8",
        },
      );
    assert.is(piped("a").status, 0);
    const { status, stderr } = piped("back");
    assert.is(status, 2);
    assert.match(stderr, /cannot read "\/dev\/stdin": it is a pipe, .* Give a file\n$/);
  });
}

test.run();
