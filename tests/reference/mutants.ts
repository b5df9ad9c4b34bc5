import { concatenated } from "./byte-ends.ts";
import { mutateText } from "./mutants-text.ts";
import { dataOf, headerLength, rawFile, withHeaderCrc } from "./plain-checkpoint.ts";

// Good files damaged at random, in the ways that storage, networks and people damage them.

/** A file that may be bad, and how it was made. */
export interface Mutant {
  readonly kind: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /**
   * The good file, whose contents alone may load. Null where the header's CRC was made right after
   * the damage: then what the file itself says counts.
   */
  readonly original: Uint8Array | null;
}

type Next = () => number;
type Damage = (
  bytes: Uint8Array<ArrayBuffer>,
  next: Next,
  other: Uint8Array,
) => Uint8Array<ArrayBuffer>;

const LENGTHS = [
  0n,
  1n,
  2n,
  7n,
  8n,
  100_000_000n,
  100_000_001n,
  2n ** 31n,
  2n ** 32n,
  2n ** 53n - 1n,
  2n ** 53n,
  2n ** 53n + 1n,
  2n ** 63n,
  2n ** 64n - 8n,
  2n ** 64n - 1n,
];

/** A place in the file, and a length of at most `most` from there on. */
function block(bytes: Uint8Array, next: Next, most: number): [begin: number, end: number] {
  const begin = next() % bytes.length;
  return [begin, Math.min(bytes.length, begin + 1 + (next() % most))];
}

function edited(bytes: Uint8Array, edit: (copy: Uint8Array<ArrayBuffer>) => void) {
  const copy = Uint8Array.from(bytes);
  edit(copy);
  return copy;
}

const flip: (count: (next: Next) => number) => Damage = (count) => (bytes, next) =>
  edited(bytes, (copy) => {
    for (let left = count(next); left > 0; left--) {
      copy[next() % copy.length] ^= 1 << (next() & 7);
    }
  });

const DAMAGES: Readonly<Record<string, Damage>> = {
  "bit flipped": flip(() => 1),
  "bits flipped": flip((next) => 2 + (next() % 7)),
  "bytes overwritten": (bytes, next) =>
    edited(bytes, (copy) => {
      const [begin, end] = block(copy, next, 32);
      for (let i = begin; i < end; i++) copy[i] = next() >>> 24;
    }),
  "block zeroed": (bytes, next) => edited(bytes, (copy) => copy.fill(0, ...block(copy, next, 512))),
  "block moved": (bytes, next) =>
    edited(bytes, (copy) => copy.copyWithin(next() % copy.length, ...block(copy, next, 512))),
  "block taken out": (bytes, next) => {
    const [begin, end] = block(bytes, next, 64);
    return concatenated([bytes.subarray(0, begin), bytes.subarray(end)]);
  },
  "block put in": (bytes, next) => {
    const at = next() % (bytes.length + 1);
    const from = block(bytes, next, 64);
    return concatenated([bytes.subarray(0, at), bytes.subarray(...from), bytes.subarray(at)]);
  },
  "cut short": (bytes, next) => bytes.slice(0, next() % bytes.length),
  "cut in front": (bytes, next) => bytes.slice(1 + (next() % (bytes.length - 1))),
  "bytes appended": (bytes, next) => {
    const more = Uint8Array.from({ length: 1 + (next() % 64) }, () => next() >>> 24);
    return concatenated([bytes, more]);
  },
  "spliced with another": (bytes, next, other) => {
    const at = next() % bytes.length;
    const from = next() & 1 ? at : next() % other.length;
    return concatenated([bytes.subarray(0, at), other.subarray(from)]);
  },
  "header of another": (bytes, _next, other) =>
    concatenated([other.subarray(0, 8 + headerLength(other)), dataOf(bytes)]),
  "length overwritten": (bytes, next) =>
    edited(bytes, (copy) => {
      const near = BigInt(headerLength(bytes)) + BigInt(next() % 17) - 8n;
      const length = next() & 1 ? near : LENGTHS[next() % LENGTHS.length];
      new DataView(copy.buffer).setBigUint64(0, length, true);
    }),
  "data swapped": (bytes, next) =>
    edited(bytes, (copy) => {
      const data = copy.subarray(8 + headerLength(copy));
      const at = 4 * (next() % Math.floor(data.length / 8));
      data.copyWithin(at, at + 4, at + 8);
    }),
};
const KINDS = Object.keys(DAMAGES);

/** The next mutant of one of `goods`; a third of them edit the text of the header. */
export function makeMutant(goods: readonly Uint8Array<ArrayBuffer>[], next: Next): Mutant {
  const original = goods[next() % goods.length];
  const other = goods[next() % goods.length];
  if (next() % 3 > 0) {
    const kind = KINDS[next() % KINDS.length];
    const bytes = DAMAGES[kind](original, next, other);
    // A splice may be the other file, of which nothing can tell that it is not meant.
    const same = goods.find((good) => Buffer.compare(good, bytes) === 0);
    return { kind, bytes, original: same ?? original };
  }
  const { kind, text } = mutateText(original, next);
  const bytes = rawFile(text, dataOf(original));
  if (next() % 4 === 0) return { kind, bytes, original };
  return { kind: `${kind}, CRC made right`, bytes: withHeaderCrc(bytes), original: null };
}
