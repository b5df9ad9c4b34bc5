// The model of the proof and its gradients: exact in any engine, as only integers make them. No
// Node API.

/** Parameters of the model; the proof has one group of each kind. */
export type Kind = "weight" | "norm" | "attention" | "mlp";

export interface ProofParameter {
  /** Of 37: what its numbers are drawn by, wherever it stands. */
  readonly index: number;
  readonly kind: Kind;
  readonly name: string;
  readonly length: number;
}

/**
 * One of each kind to a block. Ends of vectors and of reduction blocks; every slab has more than the
 * 262,144 elements from which threads always share a step.
 */
const LENGTHS: Readonly<Record<Kind, readonly number[]>> = {
  weight: [0, 5, 64, 129, 1000, 4096, 65_537, 100_003, 41_009],
  norm: [1, 7, 32, 63, 257, 1025, 4097, 8192, 12_289],
  attention: [2, 3, 16, 127, 255, 4095, 8193, 33_333, 240_007],
  mlp: [8, 15, 31, 128, 333, 8191, 16_385, 70_001, 190_003],
};
const HEAD_LENGTH = 191_071;

const BLOCKS = (Object.keys(LENGTHS) as Kind[]).flatMap((kind) =>
  LENGTHS[kind].map((length, block) => ({ kind, name: `block.${block}.${kind}`, length })),
);

/** 1,000,003 elements in 37 parameters. */
export const PARAMETERS: readonly ProofParameter[] = [
  ...BLOCKS,
  { kind: "weight" as const, name: "head.weight", length: HEAD_LENGTH },
].map((parameter, index) => ({ ...parameter, index }));

export function layerOf(name: string): number | "head" {
  const block = /^block\.(\d+)\./.exec(name);
  return block ? Number(block[1]) : "head";
}

/** The seed of a parameter's numbers in a step; never 0, where xorshift32 would stay. */
function seedOf(step: number, index: number): number {
  // Both steps are bijections of 32 bits.
  const spread = Math.imul(64 * step + index + 1, 0x9e3779b1);
  return Math.imul(spread ^ (spread >>> 15), 0x85ebca6b);
}

/** Weights from 2^-10 to 2^-2 in magnitude. */
export function initialWeights({ index, length }: ProofParameter): Float32Array {
  const weights = new Float32Array(length);
  const bits = new Uint32Array(weights.buffer);
  let state = seedOf(0, index);
  for (let i = 0; i < length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bits[i] = (state & 0x807fffff) | ((117 + ((state >>> 23) & 7)) << 23);
  }
  return weights;
}

/** In one step of three gradients are so large that the clip is not idle. */
const isLarge = (step: number) => step % 3 === 0;

/**
 * Elements that only ever see subnormal gradients, and with them m is subnormal; and others whose
 * gradients are near 2^-63, and with them v is. Every 64th update flushes both.
 */
const QUIET_EVERY = 256;
const SUBNORMAL_FROM = 255;
const TINY_FROM = 127;
const TINY_EXPONENT = 64;

/**
 * Writes the bits of float32 gradients: one in 32 is a zero of either sign, one in 256 subnormal,
 * the others lie between 2^-20 and 2^-4, or 16 times as high.
 *
 * @param step  counted from 1
 * @param parts the parameter's runs, in order; each begins at a multiple of 4,096
 */
export function fillGradient(parts: readonly Uint32Array[], step: number, index: number): void {
  const lowest = isLarge(step) ? 111 : 107;
  let state = seedOf(step, index);
  for (const bits of parts) {
    for (let i = 0; i < bits.length; i++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      const kind = (state >>> 23) & 255;
      if (kind > 8) bits[i] = (state & 0x807fffff) | ((lowest + (kind & 15)) << 23);
      else bits[i] = kind === 0 ? state & 0x807fffff : state & 0x80000000;
    }
    for (let i = SUBNORMAL_FROM; i < bits.length; i += QUIET_EVERY) bits[i] &= 0x807fffff;
    for (let i = TINY_FROM; i < bits.length; i += QUIET_EVERY) {
      bits[i] = (bits[i] & 0x807fffff) | (TINY_EXPONENT << 23);
    }
  }
}

/** As fillGradient, the bits of float16 gradients: the others lie between 2^-10 and 2^-2, or 8 times as high. */
export function fillGradient16(parts: readonly Uint16Array[], step: number, index: number): void {
  const lowest = isLarge(step) ? 8 : 5;
  let state = seedOf(step, index);
  for (const bits of parts) {
    for (let i = 0; i < bits.length; i++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      const kind = state & 255;
      const upper = state >>> 16;
      if (kind > 8) bits[i] = (upper & 0x83ff) | ((lowest + (kind & 7)) << 10);
      else bits[i] = kind === 0 ? upper & 0x83ff : upper & 0x8000;
    }
    for (let i = SUBNORMAL_FROM; i < bits.length; i += QUIET_EVERY) bits[i] &= 0x83ff;
  }
}
