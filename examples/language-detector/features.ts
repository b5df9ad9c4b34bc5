/**
 * The detector's input: a file as counts of hashed byte pairs.
 *
 * The model's own graph splits a text into bytes, joins every two neighbours with a space between
 * them, keeps the first 10,000 pairs and hashes each into one of 5,000 buckets (TensorFlow's
 * StringToHashBucketFast: FarmHash Fingerprint64, modulo the number of buckets).
 */

export const BUCKETS = 5000;
const MAX_PAIRS = 10_000;

/** One file: which buckets its byte pairs fall into, ascending, and how many fall into each. */
export interface Features {
  readonly buckets: Uint16Array;
  readonly counts: Uint16Array;
  /** Number of byte pairs, the sum of `counts`. */
  readonly total: number;
}

// FarmHash's Fingerprint64 of 1 to 3, and of 4 to 7 bytes.
const K0 = 0xc3a5c85c97cb3127n;
const K2 = 0x9ae16a3b2f90404fn;
const SPACE = 0x20;

const wrap = (value: bigint): bigint => BigInt.asUintN(64, value);
const mix = (value: bigint): bigint => value ^ (value >> 47n);

function fingerprint(bytes: readonly number[]): bigint {
  const length = bytes.length;
  if (length < 4) {
    const y = BigInt(bytes[0] + (bytes[length >> 1] << 8));
    const z = BigInt(length + (bytes[length - 1] << 2));
    return wrap(mix(wrap(y * K2) ^ wrap(z * K0)) * K2);
  }
  const factor = K2 + BigInt(2 * length);
  const first = BigInt(length) + (word(bytes, 0) << 3n);
  const last = word(bytes, length - 4);
  const half = mix(wrap((first ^ last) * factor));
  return wrap(mix(wrap((last ^ half) * factor)) * factor);
}

/** Four bytes, little-endian. */
function word(bytes: readonly number[], at: number): bigint {
  const [a, b, c, d] = bytes.slice(at, at + 4);
  return BigInt(((d << 24) | (c << 16) | (b << 8) | a) >>> 0);
}

/**
 * The bytes that a byte of the text becomes: TensorFlow.js passes each on as a text of its own, and
 * a single byte from 128 up is no text, so that it turns into the replacement character U+FFFD.
 */
function asText(byte: number): number[] {
  return byte < 128 ? [byte] : [0xef, 0xbf, 0xbd];
}

function bucketOfPair(first: number, second: number): number {
  return Number(fingerprint([...asText(first), SPACE, ...asText(second)]) % BigInt(BUCKETS));
}

const UNKNOWN = 0xffff;
const bucketOf = new Uint16Array(65_536).fill(UNKNOWN);

/** Bucket of two neighbouring bytes; hashed once, then looked up. */
export function pairBucket(first: number, second: number): number {
  const pair = (first << 8) | second;
  if (bucketOf[pair] === UNKNOWN) bucketOf[pair] = bucketOfPair(first, second);
  return bucketOf[pair];
}

const CARRIAGE_RETURN = 13;
const LINE_FEED = 10;

/** Windows line ends become Unix ones, as VS Code does before it asks the model. */
function unixLines(bytes: Uint8Array): Uint8Array {
  return bytes.filter((byte, i) => byte !== CARRIAGE_RETURN || bytes[i + 1] !== LINE_FEED);
}

/** Counts the byte pairs of a file's UTF-8 bytes. A text of one byte or none has no pairs. */
export function extractFeatures(file: Uint8Array): Features {
  const bytes = unixLines(file.subarray(0, 2 * MAX_PAIRS + 2));
  const total = Math.max(0, Math.min(bytes.length - 1, MAX_PAIRS));
  const histogram = new Uint16Array(BUCKETS);
  for (let i = 0; i < total; i++) {
    const bucket = pairBucket(bytes[i], bytes[i + 1]);
    histogram[bucket] = histogram[bucket] + 1;
  }
  const buckets = Uint16Array.from(histogram.keys()).filter((bucket) => histogram[bucket] !== 0);
  return { buckets, counts: buckets.map((bucket) => histogram[bucket]), total };
}
