// docs/semantics.md, "Checksums", as plain loops over the bits.

const FACTORS = [
  [32749, 32719],
  [32717, 32713],
  [32707, 32693],
  [32687, 32653],
  [32647, 32633],
] as const;
const BLOCK = 4096;
const BEGINNING = 0x6a09e667f3bcc908n;
const MASK = (1n << 64n) - 1n;

const bitsOf = (values: Float32Array) =>
  new Uint32Array(values.buffer, values.byteOffset, values.length);

function word(bits: number, factors: readonly [number, number]): number {
  const low = (bits << 16) >> 16;
  const high = bits >> 16;
  return (Math.imul(low, factors[0]) + Math.imul(high, factors[1])) | 0;
}

const mix = (hash: bigint, next: bigint) => {
  const product = ((hash ^ next) * 0x9e3779b97f4a7c15n) & MASK;
  return product ^ (product >> 29n);
};

/** Four lanes of a and b, as four uint64. */
function fold(hash: bigint, a: Int32Array, b: Int32Array): bigint {
  const words = new BigUint64Array(Int32Array.of(...a, ...b).buffer);
  return words.reduce(mix, hash);
}

/** The checksum of a dense gradient. */
export function gradientChecksum(gradient: Float32Array): bigint {
  const bits = bitsOf(gradient);
  let hash = BEGINNING;
  for (let first = 0; first < bits.length; first += BLOCK) {
    const a = new Int32Array(4);
    const b = new Int32Array(4);
    const count = Math.min(BLOCK, bits.length - first);
    for (let i = 0; i < count; i++) {
      a[i & 3] += word(bits[first + i], FACTORS[0]);
      b[i & 3] += a[i & 3];
    }
    hash = fold(hash, a, b);
  }
  return hash;
}

/**
 * The checksum of a parameter's state.
 *
 * @param planes weights, expAvg, expAvgSq and, with amsgrad, maxExpAvgSq
 * @param turn   whether it is block i's turn
 */
export function stateChecksum(
  planes: readonly Float32Array[],
  turn: (block: number) => boolean,
): bigint {
  const bits = planes.map(bitsOf);
  const [{ length }] = bits;
  let hash = BEGINNING;
  for (let first = 0; first < length; first += BLOCK) {
    const a = new Int32Array(4);
    const b = new Int32Array(4);
    const count = turn(first / BLOCK) ? Math.min(BLOCK, length - first) : 0;
    for (let i = 0; i < count; i++) {
      bits.forEach((plane, index) => {
        a[i & 3] += word(plane[first + i], FACTORS[1 + index]);
      });
      b[i & 3] += a[i & 3];
    }
    hash = fold(hash, a, b);
  }
  return hash;
}
