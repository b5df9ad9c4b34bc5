import { crc32 } from "./crc32.ts";

/*
 * The page's file is a checkpoint of ashlar with one more key of metadata and one more tensor, as
 * docs/checkpoint.md ("Versions") lets anyone add them: ashlar's own tool and every reader of
 * safetensors open it, and CRCs cover all of it.
 */

const KEY = "language-detector.run";
const TENSOR = "language-detector.files";

/** What the page adds. */
export interface RunData {
  /** JSON. */
  readonly run: unknown;
  /** Files that the user added, joined. */
  readonly files: Uint8Array;
}

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}
type Metadata = Readonly<Record<string, string>>;

const CRC_KEY = "ashlar.header_crc32";
const TENSOR_CRC_KEY = "ashlar.tensor_crc32";
const NO_CRC = "00000000";

/** Adds the page's own data to a checkpoint. */
export function addRunData(checkpoint: Uint8Array, { run, files }: RunData): Uint8Array {
  const { metadata, entries, data } = split(checkpoint);
  const header = {
    __metadata__: {
      ...metadata,
      [CRC_KEY]: NO_CRC,
      [TENSOR_CRC_KEY]: JSON.stringify({
        ...JSON.parse(metadata[TENSOR_CRC_KEY]),
        [TENSOR]: crc32(files),
      }),
      [KEY]: JSON.stringify(run),
    },
    ...entries,
    [TENSOR]: {
      dtype: "U8",
      shape: [files.length],
      data_offsets: [data.length, data.length + files.length],
    },
  };
  const json = new TextEncoder().encode(JSON.stringify(header));
  const end = 8 + Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(end + data.length + files.length).fill(0x20, 0, end);
  new DataView(file.buffer).setBigUint64(0, BigInt(end - 8), true);
  file.set(json, 8);
  writeHeaderCrc(file, end);
  file.set(data, end);
  file.set(files, end + data.length);
  return file;
}

/** @param end of the header; its CRC counts as zeros in the CRC */
function writeHeaderCrc(file: Uint8Array, end: number): void {
  const text = new TextDecoder().decode(file.subarray(8, end));
  // Only ASCII stands before it, so that characters are bytes.
  const at = 8 + text.indexOf(`"${CRC_KEY}":"`) + CRC_KEY.length + 4;
  file.set(new TextEncoder().encode(crc32(file.subarray(0, end))), at);
}

/**
 * The page's data in a file that ashlar has loaded, and so checked.
 *
 * @throws RangeError for a checkpoint that has none
 */
export function readRunData(file: Uint8Array): RunData {
  const { metadata, entries, data } = split(file);
  const run = metadata[KEY];
  const entry = entries[TENSOR];
  if (run === undefined || entry?.dtype !== "U8") {
    throw new RangeError("expected a file that this page saved, got another checkpoint of ashlar");
  }
  return { run: JSON.parse(run), files: data.subarray(...entry.data_offsets) };
}

function split(file: Uint8Array) {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const end = 8 + Number(view.getBigUint64(0, true));
  const { __metadata__: metadata, ...entries } = JSON.parse(
    new TextDecoder().decode(file.subarray(8, end)),
  ) as Record<string, unknown>;
  return {
    metadata: (metadata ?? {}) as Metadata,
    entries: entries as Record<string, Entry | undefined>,
    data: file.subarray(end),
  };
}
