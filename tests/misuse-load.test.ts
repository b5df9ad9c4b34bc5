import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamW, AdamWDL, CheckpointError, readWeights } from "../src/index.ts";
import { assertOwnCases, type Wrong } from "./reference/bad-input.ts";
import { errorOf, transferred } from "./reference/misuse.ts";
import type { ErrorClass } from "./reference/refused.ts";

// P21: files of another model, and what is no file. tests/attacks has hostile ones.

const test = suite("misuse: loading what is not this model's");

const SPECS = { w: { shape: [2, 2] }, b: { shape: [3] } };
const bytes = await new AdamW(SPECS).toBytes();
const ofAnotherClass = await new AdamWDL({ parameters: SPECS }).toBytes();
const transferredBuffer = new ArrayBuffer(64);
transferred(new Uint8Array(transferredBuffer));

const as = (parameters: Wrong) => () => AdamW.load(bytes, { parameters });
const SOURCE =
  '"source" of load: expected a path, a URL, a Uint8Array, an ArrayBuffer, a Blob, a ReadableStream, ' +
  "a Response, a FileSystemFileHandle or an indexedDBFile, got";

type Row = [
  why: string,
  load: () => unknown,
  error: ErrorClass,
  reason: string | undefined,
  message: string,
];

const ROWS: Row[] = [
  [
    "other names",
    as({ v: { shape: [2, 2] }, b: { shape: [3] } }),
    CheckpointError,
    "MISSING_PARAMETER",
    '"parameters" of the checkpoint: expected "v", got none of it; "w" instead, which may be a new ' +
      "name. strict: false loads what fits",
  ],
  [
    "a parameter less",
    as({ b: { shape: [3] } }),
    CheckpointError,
    "UNUSED_PARAMETER",
    '"parameters" of the optimizer: expected "w", got none of it. strict: false loads what fits',
  ],
  [
    "a parameter more",
    as({ ...SPECS, c: { shape: [1] } }),
    CheckpointError,
    "MISSING_PARAMETER",
    '"parameters" of the checkpoint: expected "c", got none of it. strict: false loads what fits',
  ],
  [
    "another shape of as many elements",
    as({ ...SPECS, w: { shape: [4] } }),
    CheckpointError,
    "WRONG_SHAPE",
    '"shape" of parameter "w": expected [4], the optimizer\'s, got [2, 2] in the checkpoint',
  ],
  [
    "another class's file",
    () => AdamW.load(ofAnotherClass),
    CheckpointError,
    "OTHER_CLASS",
    '"class" of the checkpoint: expected "AdamW", got "AdamWDL". Load it with AdamWDL.load, or its ' +
      "weights alone with readWeights",
  ],
  [
    "this class's file for another class",
    () => AdamWDL.load(bytes),
    CheckpointError,
    "OTHER_CLASS",
    '"class" of the checkpoint: expected "AdamWDL", got "AdamW". Load it with AdamW.load, or its ' +
      "weights alone with readWeights",
  ],
  [
    "no bytes",
    () => AdamW.load(new Uint8Array(0)),
    CheckpointError,
    "TRUNCATED",
    '"size" of the file: expected at least 8 bytes, got 0. It ends early: was it copied or ' +
      "downloaded in full?",
  ],
  [
    "bytes that were transferred",
    () => AdamW.load(transferred(bytes.slice())),
    TypeError,
    undefined,
    `${SOURCE} a detached Uint8Array. Its memory was transferred, or has grown or shrunk: make a ` +
      "new view, or a copy before that",
  ],
  [
    "a buffer that was transferred",
    () => AdamW.load(transferredBuffer),
    TypeError,
    undefined,
    `${SOURCE} a detached one. It was transferred`,
  ],
  [
    "the weights of a buffer that was transferred",
    () => readWeights(transferredBuffer),
    TypeError,
    undefined,
    `${SOURCE} a detached one. It was transferred`,
  ],
  [
    "bytes in a Promise",
    () => AdamW.load(Promise.resolve(bytes) as Wrong),
    TypeError,
    undefined,
    `${SOURCE} a Promise`,
  ],
  ["an optimizer", () => AdamW.load(new Map() as Wrong), TypeError, undefined, `${SOURCE} a Map`],
  ["nothing", () => AdamW.load(undefined as Wrong), TypeError, undefined, `${SOURCE} undefined`],
  [
    "floats",
    () => AdamW.load(new Float32Array(4) as Wrong),
    TypeError,
    undefined,
    `${SOURCE} Float32Array of length 4. Give its bytes as a Uint8Array`,
  ],
  [
    "a stream that is read already",
    async () => {
      const stream = new Blob([bytes]).stream();
      stream.getReader();
      await AdamW.load(stream);
    },
    TypeError,
    undefined,
    '"source" of load: expected a free stream, got a locked one',
  ],
  [
    "a Response that was read",
    async () => {
      const response = new Response(bytes);
      await response.text();
      await AdamW.load(response);
    },
    TypeError,
    undefined,
    "body of a Response: expected one that nobody has read, got one that is being read",
  ],
];

test("each row is its own case", () => assertOwnCases(ROWS));

for (const [why, load, kind, reason, message] of ROWS) {
  test(`refused: ${why}`, async () => {
    const error: Error & { reason?: string } = await errorOf(load);
    assert.is(error.message, message);
    assert.is(error.constructor, kind);
    assert.is(error.reason, reason);
  });
}

test.run();
