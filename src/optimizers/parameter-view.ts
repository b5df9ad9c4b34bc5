import type { Part } from "../core/slab.ts";
import type { FloatPlane } from "../core/slab-planes.ts";
import type { Slabs } from "../core/slabs.ts";
import { mismatch, show } from "../errors.ts";
import type { ParameterInfo } from "../parameters/parameter.ts";
import type { Entry } from "./entry.ts";
import type { Settings } from "./settings.ts";

/** One run of a parameter, as fresh views of linear memory. */
export interface ParameterPart {
  /** Element of the parameter that the run begins with. */
  readonly first: number;
  /** Elements of the run. */
  readonly length: number;
  /** float32[length]: the weights. */
  readonly master: Float32Array;
  /** float32[length]: the gradient of the next step. */
  readonly gradient: Float32Array;
  /** float32[length]: the first moment. */
  readonly expAvg: Float32Array;
  /** float32[length]: the second moment. */
  readonly expAvgSq: Float32Array;
  /** float32[length]: the largest second moment so far; null without amsgrad. */
  readonly maxExpAvgSq: Float32Array | null;
  /** uint16[length]: the bits of the 16-bit copy; null where there is none. */
  readonly model: Uint16Array | null;
  /** uint16[length]: the bits of 16-bit gradients; null where gradients are float32. */
  readonly gradient16: Uint16Array | null;
}

/** What a Float16Array offers; type libraries do not all declare it yet. */
export interface Float16ArrayLike extends ArrayBufferView {
  /** Number of elements. */
  readonly length: number;
  [index: number]: number;
}

type Float16ArrayConstructor = new (
  buffer: ArrayBufferLike,
  byteOffset: number,
  length: number,
) => Float16ArrayLike;

/** In which types a parameter's model copy and gradients are. */
type Dtypes = Pick<Settings, "model" | "gradients">;

/**
 * What an optimizer knows of one parameter. The arrays are views of linear memory, made fresh by
 * each access: read an array, use it, drop it. Writing to `master`, `expAvg` or `expAvgSq` changes
 * the state.
 */
export class ParameterView implements ParameterInfo {
  readonly #entry: Entry;
  readonly #dtypes: Dtypes;
  readonly #slabs: () => Slabs;

  /** @param slabs gives the memories, or throws once the optimizer is disposed */
  constructor(entry: Entry, dtypes: Dtypes, slabs: () => Slabs) {
    this.#entry = entry;
    this.#dtypes = dtypes;
    this.#slabs = slabs;
  }

  /** The parameter's name. */
  get name(): string {
    return this.#entry.name;
  }
  /** Its shape, [] for a scalar. */
  get shape(): readonly number[] {
    return this.#entry.shape;
  }
  /** Number of elements, the product of `shape`. */
  get length(): number {
    return this.#entry.length;
  }
  /** Name of its param group. */
  get group(): string {
    return this.#entry.group;
  }
  /** Layer id: embeddings 0, block i i+1, head last; null where no layer rule matched. */
  get layer(): number | null {
    return this.#entry.layer;
  }
  /** Multiplies the learning rate. */
  get lrScale(): number {
    return this.#entry.lrScale;
  }
  /** Whether weight decay applies. */
  get decays(): boolean {
    return this.#entry.decays;
  }
  /** Updates applied to this parameter so far. */
  get step(): number {
    return this.#entry.t;
  }

  /** The float32 weights, the state that training moves. @throws RangeError if split over slabs */
  get master(): Float32Array {
    return this.#whole("param", "master");
  }
  /** @throws TypeError where gradients come in 16 bits, RangeError if split over slabs */
  get gradient(): Float32Array {
    if (this.#dtypes.gradients !== "float32") {
      throw new TypeError(
        mismatch(
          "gradient",
          this.#where,
          "float32 gradients",
          this.#dtypes.gradients,
          "Use gradient16",
        ),
      );
    }
    return this.#whole("grad", "gradient");
  }
  /**
   * Bits of the gradient where `precision.gradients` is float16 or bfloat16.
   *
   * @throws TypeError where gradients come as float32, RangeError if split over slabs
   */
  get gradient16(): Uint16Array {
    if (this.#dtypes.gradients === "float32") {
      throw new TypeError(
        mismatch("gradient16", this.#where, "16-bit gradients", "float32", "Use gradient"),
      );
    }
    const slabs = this.#slabs();
    const part = this.#onlyPart("gradient16");
    return part ? slabs.gradient16(part) : new Uint16Array(0);
  }
  /** First moment. */
  get expAvg(): Float32Array {
    return this.#whole("expAvg", "expAvg");
  }
  /** Second moment. */
  get expAvgSq(): Float32Array {
    return this.#whole("expAvgSq", "expAvgSq");
  }
  /** Largest second moment so far; null without amsgrad. */
  get maxExpAvgSq(): Float32Array | null {
    return this.#entry.paramGroup.amsgrad ? this.#whole("maxExpAvgSq", "maxExpAvgSq") : null;
  }
  /** Bits of the float16 or bfloat16 model copy; null at precision float32. */
  get model(): Uint16Array | null {
    if (this.#dtypes.model === "float32") return null;
    const slabs = this.#slabs();
    const part = this.#onlyPart("model");
    return part ? slabs.model(part) : new Uint16Array(0);
  }

  /**
   * The float16 model copy as numbers: a Float16Array over the same bits. null at another precision
   * and in an engine without Float16Array (Node before 24); `model` works everywhere.
   */
  get modelFloat16(): Float16ArrayLike | null {
    const { Float16Array } = globalThis as { Float16Array?: Float16ArrayConstructor };
    if (this.#dtypes.model !== "float16" || Float16Array === undefined) return null;
    const bits = this.model as Uint16Array;
    return new Float16Array(bits.buffer, bits.byteOffset, bits.length);
  }

  /** The runs of the parameter, one for each slab that it lies in; none if it is empty. */
  get parts(): readonly ParameterPart[] {
    const slabs = this.#slabs();
    const { index, paramGroup } = this.#entry;
    return slabs.partsOf(index).map((part) => ({
      first: part.segment.first,
      length: part.segment.length,
      master: slabs.floats(part, "param"),
      gradient: slabs.floats(part, "grad"),
      expAvg: slabs.floats(part, "expAvg"),
      expAvgSq: slabs.floats(part, "expAvgSq"),
      maxExpAvgSq: paramGroup.amsgrad ? slabs.floats(part, "maxExpAvgSq") : null,
      model: this.#dtypes.model === "float32" ? null : slabs.model(part),
      gradient16: this.#dtypes.gradients === "float32" ? null : slabs.gradient16(part),
    }));
  }

  #whole(plane: FloatPlane, what: string): Float32Array {
    const slabs = this.#slabs();
    const part = this.#onlyPart(what);
    return part ? slabs.floats(part, plane) : new Float32Array(0);
  }

  get #where(): string {
    return `parameter ${show(this.name)}`;
  }

  #onlyPart(what: string): Part | undefined {
    const parts = this.#slabs().partsOf(this.#entry.index);
    if (parts.length > 1) {
      throw new RangeError(
        `"${what}" of parameter ${show(this.name)}: expected one view, got ${parts.length} parts ` +
          "over as many slabs. Use its parts, step({ name: gradient }) or copyTo({ name: target })",
      );
    }
    return parts[0];
  }
}
