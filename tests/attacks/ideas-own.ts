import { concatenated } from "../reference/byte-ends.ts";
import { headerLength, plainFile } from "../reference/plain-checkpoint.ts";
import type { Idea } from "./idea.ts";
import {
  A,
  B,
  DATA,
  forged,
  METADATA,
  METADATA_MEMBER,
  TENSORS,
  VICTIM,
  withMetadata,
} from "./victim.ts";

// Well-formed safetensors files that are no checkpoint, or another than was saved.

const crcs = METADATA["ashlar.tensor_crc32"];
const [a, b] = Object.entries(JSON.parse(crcs) as Record<string, string>);
const table = (entries: readonly (readonly [string, unknown])[]) =>
  withMetadata({ "ashlar.tensor_crc32": JSON.stringify(Object.fromEntries(entries)) });

/** The victim with bytes of its header replaced by as many others, and its CRC left. */
function edited(from: string, to: string): Uint8Array<ArrayBuffer> {
  const bytes = Buffer.from(VICTIM);
  bytes.write(to, bytes.indexOf(from));
  return Uint8Array.from(bytes);
}

export const OWN: readonly Idea[] = [
  {
    name: "foreign",
    attempts: "a weight file, loaded as a checkpoint",
    reason: "NOT_A_CHECKPOINT",
    bytes: plainFile(TENSORS, { format: "pt" }),
  },
  {
    name: "no-metadata",
    attempts: "a weight file without metadata",
    reason: "NOT_A_CHECKPOINT",
    bytes: forged([A, B]),
  },
  {
    name: "version-2",
    attempts: "a version to come",
    reason: "NEWER_VERSION",
    bytes: withMetadata({ "ashlar.version": "2" }),
  },
  {
    name: "version-0",
    attempts: "a version before the first",
    reason: "UNKNOWN_VERSION",
    bytes: withMetadata({ "ashlar.version": "0" }),
  },
  {
    name: "version-text",
    attempts: "a version that is a number only to JavaScript",
    reason: "UNKNOWN_VERSION",
    bytes: withMetadata({ "ashlar.version": " 1" }),
  },
  {
    name: "no-version",
    attempts: "no version",
    reason: "MISSING_METADATA",
    bytes: withMetadata({ "ashlar.version": undefined }),
  },
  {
    name: "no-header-crc",
    attempts: "no CRC of the header, so that it need not be right",
    reason: "MISSING_METADATA",
    bytes: withMetadata({ "ashlar.header_crc32": undefined }),
  },
  {
    name: "no-tensor-crcs",
    attempts: "no CRCs of tensors",
    reason: "MISSING_METADATA",
    bytes: withMetadata({ "ashlar.tensor_crc32": undefined }),
  },
  {
    name: "no-state",
    attempts: "no state of the optimizer",
    reason: "MISSING_METADATA",
    bytes: withMetadata({ "ashlar.state": undefined }),
  },
  {
    name: "state-edited",
    attempts: "the class of the optimizer changed by hand",
    reason: "WRONG_HEADER_CRC",
    bytes: edited("AdamW", "AdamX"),
  },
  {
    name: "names-swapped",
    attempts: "a tensor renamed by hand",
    reason: "WRONG_HEADER_CRC",
    bytes: edited('"param.b":{', '"param.c":{'),
  },
  {
    name: "padding-longer",
    attempts: "8 spaces more, and a length that fits",
    reason: "WRONG_HEADER_CRC",
    bytes: longerPadding(),
  },
  {
    name: "header-crc-escaped",
    attempts: "the key of the header's CRC written in another way, to hide its digits",
    reason: "WRONG_HEADER_CRC",
    bytes: forged([METADATA_MEMBER.replace("header_crc32", "header_crc\\u00332"), A, B]),
  },
  {
    name: "header-crc-upper-case",
    attempts: "hex digits in upper case: two ways to write one file",
    reason: "BAD_CRC",
    bytes: edited('crc32":"', 'crc32":"ABCDEF12'),
  },
  {
    name: "tensor-crc-short",
    attempts: "a CRC of 7 digits",
    reason: "BAD_CRC",
    bytes: table([a, [b[0], b[1].slice(1)]]),
  },
  {
    name: "tensor-crc-number",
    attempts: "a CRC that is a number",
    reason: "BAD_CRC",
    bytes: table([a, [b[0], 1]]),
  },
  {
    name: "tensor-crc-list",
    attempts: "a list of CRCs",
    reason: "BAD_CRC",
    bytes: withMetadata({ "ashlar.tensor_crc32": "[]" }),
  },
  {
    name: "tensor-crc-tail",
    attempts: "text after the CRCs",
    reason: "BAD_CRC",
    bytes: withMetadata({ "ashlar.tensor_crc32": `${crcs} ` }),
  },
  {
    name: "tensor-crc-twice",
    attempts: "two CRCs of one tensor, of which one is right",
    reason: "DUPLICATE_KEY",
    bytes: withMetadata({ "ashlar.tensor_crc32": crcs.replace("{", `{"param.a":"00000000",`) }),
  },
  {
    name: "tensor-crc-missing",
    attempts: "a tensor without a CRC",
    reason: "MISSING_CRC",
    bytes: table([a]),
  },
  {
    name: "tensor-crc-inherited",
    attempts: "a tensor named as what every object has, without a CRC",
    reason: "MISSING_CRC",
    bytes: forged([METADATA_MEMBER, A, B.replace("param.b", "toString")]),
  },
  {
    name: "tensor-crc-extra",
    attempts: "a CRC of a tensor that was taken out",
    reason: "EXTRA_CRC",
    bytes: forged([METADATA_MEMBER, A], DATA.slice(0, 8)),
  },
  {
    name: "data-swapped",
    attempts: "the data of two tensors exchanged",
    reason: "WRONG_CRC",
    bytes: forged(undefined, concatenated([DATA.slice(8), DATA.slice(0, 8)])),
  },
  {
    name: "data-zeros",
    attempts: "data that was never written, as a crash leaves it",
    reason: "WRONG_CRC",
    bytes: forged(undefined, new Uint8Array(16)),
  },
];

function longerPadding(): Uint8Array<ArrayBuffer> {
  const length = headerLength(VICTIM);
  const bytes = concatenated([
    VICTIM.subarray(0, 8 + length),
    new Uint8Array(8).fill(0x20),
    VICTIM.subarray(8 + length),
  ]);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length + 8), true);
  return bytes;
}
