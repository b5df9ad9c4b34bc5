import {
  FLAG_ACTIVE,
  FLAG_AMSGRAD,
  FLAG_FLUSH,
  FLAG_GRAD_BFLOAT16,
  FLAG_GRAD_FLOAT16,
  FLAG_MODEL_BFLOAT16,
  FLAG_MODEL_FLOAT16,
  FLAG_ZERO_GRAD,
  SCRATCH_BYTES,
  SEG_BETA1,
  SEG_BETA2,
  SEG_BYTES,
  SEG_DECAY,
  SEG_EPS_HAT,
  SEG_EXP_AVG,
  SEG_EXP_AVG_SQ,
  SEG_FLAGS,
  SEG_GRAD,
  SEG_GRAD_SCALE,
  SEG_GRAD16,
  SEG_LENGTH,
  SEG_MAX_EXP_AVG_SQ,
  SEG_MODEL,
  SEG_ONE_MINUS_BETA1,
  SEG_ONE_MINUS_BETA2,
  SEG_PARAM,
  SEG_STEP_SIZE,
} from "../../assembly/layout.ts";
import { instantiate, type Kernel } from "../../src/core/kernel.ts";
import type { StepScalars } from "../../src/core/step-scalars.ts";

// Segments laid out by hand, at any alignment, every byte around them a canary.

const CANARY = 0xa5;
const CANARY_BYTES = 64;
const SCRATCH_PTR = 64;
const TABLE_PTR = SCRATCH_PTR + SCRATCH_BYTES;

export interface FixtureSegment {
  p: Float32Array;
  g: Float32Array;
  m: Float32Array;
  v: Float32Array;
  vmax?: Float32Array;
  model?: "float16" | "bfloat16";
  /** 16-bit gradients, widened into g first. */
  halves?: { bits: Uint16Array; dtype: "float16" | "bfloat16" };
  scalars: StepScalars;
  flush: boolean;
  /** Zero the gradients afterwards. */
  zero?: boolean;
  active?: boolean;
}

/** A memory with hand-laid segments, and the kernel over it. */
export class KernelFixture {
  readonly kernel: Kernel;
  readonly memory: WebAssembly.Memory;
  readonly #owned: { from: number; to: number }[] = [];
  #end: number;
  readonly #count: number;

  /**
   * @param misalign bytes by which planes miss a 16-byte boundary: 0, 4, 8, 12; or "mixed": each
   *   plane its own
   */
  constructor(segments: readonly FixtureSegment[], misalign: number | "mixed") {
    const bytes = segments.reduce((sum, { p }) => sum + p.length * 26 + 7 * 256, 131072);
    this.memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / 65536) });
    this.kernel = instantiate(this.memory);
    this.#count = segments.length;
    new Uint8Array(this.memory.buffer).fill(CANARY);
    this.#end = TABLE_PTR + segments.length * SEG_BYTES;
    this.#owned.push({ from: SCRATCH_PTR, to: this.#end });
    segments.forEach((segment, index) => {
      this.#place(segment, TABLE_PTR + index * SEG_BYTES, misalign);
    });
  }

  #place(segment: FixtureSegment, record: number, misalign: number | "mixed"): void {
    const view = new DataView(this.memory.buffer);
    const { scalars } = segment;
    const word = (offset: number, value: number) => view.setUint32(record + offset, value, true);
    const real = (offset: number, value: number) => view.setFloat32(record + offset, value, true);
    for (let at = 0; at < SEG_BYTES; at += 4) word(at, 0);
    word(SEG_PARAM, this.#plane(segment.p, misalign));
    word(SEG_GRAD, this.#plane(segment.g, misalign));
    word(SEG_EXP_AVG, this.#plane(segment.m, misalign));
    word(SEG_EXP_AVG_SQ, this.#plane(segment.v, misalign));
    if (segment.vmax) word(SEG_MAX_EXP_AVG_SQ, this.#plane(segment.vmax, misalign));
    if (segment.model) word(SEG_MODEL, this.#plane(new Uint16Array(segment.p.length), misalign));
    if (segment.halves) word(SEG_GRAD16, this.#plane(segment.halves.bits, misalign));
    word(SEG_LENGTH, segment.p.length);
    word(
      SEG_FLAGS,
      (segment.active === false ? 0 : FLAG_ACTIVE) |
        (segment.vmax ? FLAG_AMSGRAD : 0) |
        (segment.flush ? FLAG_FLUSH : 0) |
        (segment.model === "float16" ? FLAG_MODEL_FLOAT16 : 0) |
        (segment.model === "bfloat16" ? FLAG_MODEL_BFLOAT16 : 0) |
        (segment.halves?.dtype === "float16" ? FLAG_GRAD_FLOAT16 : 0) |
        (segment.halves?.dtype === "bfloat16" ? FLAG_GRAD_BFLOAT16 : 0) |
        (segment.zero ? FLAG_ZERO_GRAD : 0),
    );
    const offsets = [SEG_BETA1, SEG_ONE_MINUS_BETA1, SEG_BETA2, SEG_ONE_MINUS_BETA2] as const;
    const betas = [scalars.beta1, scalars.oneMinusBeta1, scalars.beta2, scalars.oneMinusBeta2];
    offsets.forEach((offset, i) => {
      real(offset, betas[i]);
    });
    real(SEG_GRAD_SCALE, scalars.gradScale);
    real(SEG_DECAY, scalars.decay);
    real(SEG_STEP_SIZE, scalars.stepSize);
    real(SEG_EPS_HAT, scalars.epsHat);
  }

  /** Copies an array in, canaries before and after; returns its address. */
  #plane(values: Float32Array | Uint16Array, misalign: number | "mixed"): number {
    const shift = misalign === "mixed" ? (this.#owned.length % 4) * 4 : misalign;
    const ptr = Math.ceil((this.#end + CANARY_BYTES) / 16) * 16 + shift;
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    new Uint8Array(this.memory.buffer).set(bytes, ptr);
    this.#end = ptr + values.byteLength;
    this.#owned.push({ from: ptr, to: this.#end });
    return ptr;
  }

  get table(): number {
    return TABLE_PTR;
  }

  stepMeasured(): void {
    this.kernel.stepMeasured(TABLE_PTR, this.#count, SCRATCH_PTR);
  }

  /** Scans one segment in pieces that begin at these elements. */
  scanPieces(index: number, starts: readonly number[]): void {
    const length = this.field(index, SEG_LENGTH);
    starts.forEach((first, i) => {
      const count = (starts[i + 1] ?? length) - first;
      this.kernel.scanRange(TABLE_PTR + index * SEG_BYTES, first, count, SCRATCH_PTR);
    });
  }

  get scratch(): number {
    return SCRATCH_PTR;
  }

  step(): void {
    this.kernel.step(TABLE_PTR, this.#count);
  }

  scan(): void {
    this.kernel.scan(TABLE_PTR, this.#count, SCRATCH_PTR);
  }

  /** A record's field as unsigned integer. */
  field(index: number, offset: number): number {
    const at = TABLE_PTR + index * SEG_BYTES + offset;
    return new DataView(this.memory.buffer).getUint32(at, true);
  }

  /** Points a record's field at fresh bytes within canaries; returns their address. */
  setBytes(index: number, offset: number, byteLength: number): number {
    const ptr = this.#plane(new Uint16Array(byteLength / 2), 0);
    const at = TABLE_PTR + index * SEG_BYTES + offset;
    new DataView(this.memory.buffer).setUint32(at, ptr, true);
    return ptr;
  }

  floats(index: number, offset: number): Float32Array {
    const length = this.field(index, SEG_LENGTH);
    return new Float32Array(this.memory.buffer.slice(0), this.field(index, offset), length);
  }

  halves(index: number, offset = SEG_MODEL): Uint16Array {
    const length = this.field(index, SEG_LENGTH);
    return new Uint16Array(this.memory.buffer.slice(0), this.field(index, offset), length);
  }

  /** Address of the first byte outside all segments that is no longer a canary; -1 if none. */
  brokenCanary(): number {
    const bytes = new Uint8Array(this.memory.buffer);
    let from = 0;
    for (const owned of [...this.#owned, { from: bytes.length, to: bytes.length }]) {
      for (let at = from; at < owned.from; at++) if (bytes[at] !== CANARY) return at;
      from = owned.to;
    }
    return -1;
  }
}
