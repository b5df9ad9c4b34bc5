import { suite } from "uvu";
import * as assert from "uvu/assert";
import { encodeHeader } from "../src/state/safetensors/encode-header.ts";
import { layOut } from "../src/state/safetensors/lay-out.ts";
import { parseHeader } from "../src/state/safetensors/parse-header.ts";
import { bitsOf, TENSOR_DTYPES, type TensorDtype } from "../src/state/safetensors/tensor.ts";
import { shuffled } from "./reference/property.ts";

// Laying out tensors and writing headers.

const test = suite("safetensors writing");

const of = (name: string, dtype: TensorDtype, ...shape: number[]) => ({ name, dtype, shape });

test("puts large elements first, then goes by the UTF-8 bytes of the names", () => {
  // UTF-16 would put the emoji (d83d) before the half-width mark (ff61), UTF-8 does not.
  const sorted = [
    of("z", "F64", 1),
    of("A", "F32", 3),
    of("a", "F32"),
    of("a.b", "U32", 0),
    of("é", "F32", 2, 2),
    of("\uff61", "F32", 1),
    of("😀", "F32", 1),
    of("a", "BF16", 3),
    of("0", "U8", 5),
    of("f4", "F4", 2),
  ].map((tensor, i) => ({ ...tensor, name: tensor.name === "a" && i > 5 ? "a16" : tensor.name }));
  for (let seed = 1; seed <= 20; seed++) {
    const laid = layOut(shuffled(sorted, seed));
    assert.equal(
      laid.map(({ name }) => name),
      sorted.map(({ name }) => name),
    );
    assert.equal(
      laid.map(({ begin, end }) => [begin, end]),
      [
        ...[
          [0, 8],
          [8, 20],
          [20, 24],
          [24, 24],
          [24, 40],
          [40, 44],
          [44, 48],
        ],
        ...[
          [48, 54],
          [54, 59],
          [59, 60],
        ],
      ],
    );
  }
});

test("aligns each tensor to its elements, whatever their sizes", () => {
  const tensors = TENSOR_DTYPES.filter((dtype) => bitsOf(dtype) >= 8).flatMap((dtype) =>
    [0, 1, 3, 5].map((size) => of(`${dtype}.${size}`, dtype, size)),
  );
  for (const { dtype, begin } of layOut(shuffled(tensors, 7))) {
    assert.is(begin % (bitsOf(dtype) / 8), 0);
  }
});

test("hands each tensor back with its place", () => {
  const tensors = [
    { ...of("b", "U8", 1), extra: 1 },
    { ...of("a", "U8", 1), extra: 2 },
  ];
  assert.equal(
    layOut(tensors).map(({ tensor }) => tensor.extra),
    [2, 1],
  );
});

test("writes what the reader reads, padded to 8 bytes", () => {
  for (let length = 0; length < 20; length++) {
    const tensors = layOut([
      of("__proto__", "U8", 2),
      of("n".repeat(length), "F32"),
      of('é\n"', "F16", 3),
    ]);
    const metadata = { 10: "ten", 9: "nine", ["__proto__"]: "p", text: "é\u0000\u2028" };
    const bytes = encodeHeader(metadata, tensors);
    assert.is(bytes.length % 8, 0);
    assert.is(new DataView(bytes.buffer).getBigUint64(0, true), BigInt(bytes.length - 8));
    const header = parseHeader(bytes.subarray(8));
    assert.equal(
      header.tensors,
      tensors.map(({ name, dtype, shape, begin, end }) => ({ name, dtype, shape, begin, end })),
    );
    assert.equal(Object.entries(header.metadata), Object.entries(metadata));
  }
});

test("ends in at most 7 spaces and no other padding", () => {
  for (let length = 0; length < 16; length++) {
    const text = new TextDecoder().decode(encodeHeader({ a: "x".repeat(length) }, []).subarray(8));
    assert.match(text, /^\{.*\} {0,7}$/);
  }
});

test.run();
