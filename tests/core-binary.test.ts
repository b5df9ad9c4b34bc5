import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { brotliCompressSync } from "node:zlib";
import binaryen from "binaryen";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import * as SIMD from "../src/core/binary.generated.ts";
import type { CoreBinary } from "../src/core/compiled-core.ts";
import { coreBytes } from "../src/core/kernel.ts";
import * as SCALAR from "../src/core/scalar.generated.ts";

const test = suite("core binary");

const fromRoot = (path: string) => new URL(`../../${path}`, import.meta.url);

/** Ids of the sections of a WebAssembly binary, custom ones by name. */
function sectionsOf(binary: Uint8Array): (number | string)[] {
  let at = 8;
  const leb = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = binary[at++];
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const sections: (number | string)[] = [];
  while (at < binary.length) {
    const id = binary[at++];
    const end = leb() + at;
    if (id === 0) {
      const length = leb();
      sections.push(new TextDecoder().decode(binary.subarray(at, at + length)));
    } else sections.push(id);
    at = end;
  }
  return sections;
}

/** The instructions of a binary, each once. */
function instructionsOf(binary: Uint8Array): string[] {
  const text = binaryen.readBinary(binary).emitText();
  const structure = new Set(
    "module type func param result import memory export local then else".split(" "),
  );
  const used = new Set(Array.from(text.matchAll(/\(([a-z][\w.]*)/g), ([, word]) => word));
  return [...used].filter((word) => !structure.has(word)).sort();
}

const TYPE = 1;
const IMPORT = 2;
const FUNCTION = 3;
const EXPORT = 7;
const CODE = 10;

interface Core {
  readonly file: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly sha256: string;
  readonly isAllowed: (instruction: string) => boolean;
}

// Every instruction here is deterministic for finite values. A new one is looked at before it is
// added: no relaxed SIMD, no f32 min or max (their NaN and signed zeros), nothing that traps on
// values, no memory.grow.
const ALLOWED = [
  "block br br_if call drop if loop return select",
  "local.get local.set local.tee",
  "i32.const f32.const v128.const",
  "i32.add i32.sub i32.mul i32.and i32.or i32.shl i32.shr_u i32.eqz i32.ne",
  "i32.eq i32.lt_u i32.gt_u i32.ge_u i32.le_u",
  // Checksums. rem_u traps on 0: CHECK_STRIDE is at least 1.
  "i32.extend16_s i32.shr_s i32.rem_u i32.xor i32x4.dot_i16x8_s i32x4.splat",
  "i64.const i64.load i64.load32_u i64.mul i64.shr_u i64.store i64.xor",
  "i32.load i32.load16_u i32.store i32.store16",
  "f32.load f32.store f32.add f32.sub f32.mul f32.div f32.sqrt f32.lt f32.ne",
  "f32.reinterpret_i32 i32.reinterpret_f32",
  "f32.demote_f64 f64.const f64.sqrt f64.add f64.mul f64.load f64.store f64.promote_f32",
  "memory.copy memory.fill",
  "v128.load v128.store v128.load64_zero v128.load16x4_u",
  "v128.and v128.andnot v128.or",
  "i16x8.narrow_i32x4_s i32x4.extract_lane",
  "i32x4.add i32x4.sub i32x4.shl i32x4.shr_s i32x4.shr_u i32x4.ge_s",
  "i32x4.max_u",
  "f32x4.splat f32x4.abs f32x4.add f32x4.sub f32x4.mul f32x4.div f32x4.sqrt f32x4.lt f32x4.pmax",
  "f64x2.add f64x2.mul f64x2.promote_low_f32x4",
].flatMap((line) => line.split(" "));

const IS_VECTOR = /^[vif]\d+x\d+\.|^v128\./;
/** Keeps constants out of loops of vectors: factors4 in assembly/checks.ts. */
const ONLY_BESIDE_VECTORS = ["i32.xor"];

const core = (
  file: string,
  { CORE_BASE64, CORE_SHA256 }: CoreBinary,
  isAllowed: Core["isAllowed"],
): Core => ({
  file,
  bytes: Uint8Array.from(Buffer.from(CORE_BASE64, "base64")),
  sha256: CORE_SHA256,
  isAllowed,
});

const CORES = [
  core("core.wasm", SIMD, () => true),
  core(
    "core-scalar.wasm",
    SCALAR,
    (instruction) => !IS_VECTOR.test(instruction) && !ONLY_BESIDE_VECTORS.includes(instruction),
  ),
];

for (const { file, bytes, sha256, isAllowed } of CORES) {
  const module = new WebAssembly.Module(bytes);

  test(`${file} has types, one import, functions, exports and code: no data, start, globals or table`, () => {
    assert.equal(sectionsOf(bytes), [TYPE, IMPORT, FUNCTION, EXPORT, CODE]);
  });

  test(`${file} imports env.memory and nothing else`, () => {
    assert.equal(WebAssembly.Module.imports(module), [
      { module: "env", name: "memory", kind: "memory" },
    ]);
  });

  test(`${file} exports these functions and nothing else`, () => {
    const exported = WebAssembly.Module.exports(module).map(({ name, kind }) => `${kind} ${name}`);
    assert.equal(exported.sort(), [
      "function abiVersion",
      "function checkRuns",
      "function checkSegment",
      "function foldChecks",
      "function narrowBfloat16",
      "function narrowFloat16",
      "function scan",
      "function scanRange",
      "function scanRuns",
      "function step",
      "function stepMeasured",
      "function stepRuns",
      "function widenBfloat16",
      "function widenFloat16",
    ]);
  });

  test(`the instructions of ${file} are the ones that were looked at, all of them used`, () => {
    const used = instructionsOf(bytes);
    const allowed = ALLOWED.filter(isAllowed);
    assert.equal(
      used.filter((word) => !allowed.includes(word)),
      [],
      "instructions that nobody looked at",
    );
    assert.equal(
      allowed.filter((word) => !used.includes(word)),
      [],
      "instructions listed and not used",
    );
  });

  test(`the inlined binary is the file ${file}, and small`, () => {
    const built = readFileSync(fromRoot(`dist/${file}`));
    assert.ok(built.equals(bytes), `dist/${file} and the inlined bytes differ`);
    assert.is(sha256, createHash("sha256").update(bytes).digest("hex"));
    const brotli = brotliCompressSync(bytes).length;
    assert.ok(brotli <= 6144, `${brotli} bytes after brotli`);
  });
}

test("coreBytes gives the core with vectors", () => {
  assert.equal(CORES[0].bytes, coreBytes());
});

test("the committed assembly/core.wat is what the source compiles to", () => {
  const committed = readFileSync(fromRoot("assembly/core.wat"), "utf8");
  const built = readFileSync(fromRoot("dist/core.wat"), "utf8");
  assert.ok(committed === built, "the generated code changed: npm run wat, then read the diff");
});

test.run();
