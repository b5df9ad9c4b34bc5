import { mismatch, wrongValue } from "../errors.ts";
import { flag, knownKeys, oneOf, optionObject, wholeNumberBetween } from "../validate.ts";
import { within } from "./checks.ts";
import {
  type DynamicLossScaleOptions,
  type DynamicLossScaleSettings,
  readDynamicSettings,
  type StaticLossScaleSettings,
  scaleOption,
} from "./loss-scale-options.ts";

const STATE = "the loss scale's state";
const STATE_KEYS = ["kind", "scale", "finiteSteps", "nonFiniteSteps"];

/** A loss scale's moving parts, as plain data. */
export interface LossScaleState {
  /** Which kind of loss scale the state is of. */
  readonly kind: "static" | "dynamic";
  /** The factor of the loss. */
  readonly scale: number;
  /** Steps in a row with finite gradients, counted anew after growthInterval of them. */
  readonly finiteSteps: number;
  /** Steps in a row with a NaN or an infinity, counted anew after decreaseEvery of them. */
  readonly nonFiniteSteps: number;
}

/**
 * What the loss is multiplied by before the gradients are taken. A dynamic one serves one optimizer
 * only: each step of each would move it.
 */
export interface LossScale {
  /** Whether the scale stays or moves with what it is told. */
  readonly kind: "static" | "dynamic";
  /** The options in force, as frozen plain data: what its maker takes. */
  readonly settings: StaticLossScaleSettings | DynamicLossScaleSettings;
  /** The factor of the loss of the next step: a float32 value. */
  readonly scale: number;
  /** Tells of one step whether a gradient had a NaN or an infinity, so that it was skipped. */
  update(foundNonFinite: boolean): void;
  /** Where the scale stands, as plain data to save. */
  state(): LossScaleState;
  /** Takes over a state. @throws TypeError, RangeError, changing nothing */
  restore(state: LossScaleState): void;
}

/**
 * Makes a loss scale that stays as it is.
 *
 * @param scale >= 2^-126; rounded to float32
 */
export function staticLossScale(scale: number): LossScale {
  return new StaticLossScale(scaleOption(scale, "scale", "staticLossScale"));
}

/**
 * Makes a loss scale that grows while the gradients are finite and backs off where they are not.
 * It is a float32: each product is rounded once. It grows only if the product is finite.
 *
 * Source: torch.amp.GradScaler; Paddle's update_loss_scaling kernel.
 *
 * @throws TypeError, RangeError for what is wrong with an option
 */
export function dynamicLossScale(options: DynamicLossScaleOptions = {}): LossScale {
  return new DynamicLossScale(readDynamicSettings(options));
}

/** Whether a value was made by one of the functions above. */
export function isLossScale(value: unknown): value is LossScale {
  return value instanceof StaticLossScale || value instanceof DynamicLossScale;
}

/** The dynamic loss scales that an optimizer has. */
const taken = new WeakSet<LossScale>();

/**
 * Takes a loss scale for one optimizer. A dynamic one is updated by each of its steps: two optimizers
 * would move it twice as fast, and back it off under each other's gradients.
 *
 * @throws RangeError for a dynamic loss scale that another optimizer has
 */
export function takeLossScale(lossScale: LossScale | null, where: string): void {
  if (lossScale?.kind !== "dynamic") return;
  if (taken.has(lossScale)) {
    throw new RangeError(
      mismatch(
        "lossScale",
        where,
        "a dynamic loss scale of its own",
        "one that another optimizer has",
        "Make one for each, or dispose the other",
      ),
    );
  }
  taken.add(lossScale);
}

/** Gives a loss scale free again, with the state that it is in. */
export function releaseLossScale(lossScale: LossScale | null): void {
  if (lossScale) taken.delete(lossScale);
}

class StaticLossScale implements LossScale {
  readonly kind = "static";
  readonly settings: StaticLossScaleSettings;

  constructor(scale: number) {
    this.settings = Object.freeze({ scale });
  }

  get scale(): number {
    return this.settings.scale;
  }

  update(foundNonFinite: boolean): void {
    flag(foundNonFinite, "foundNonFinite", "update");
  }

  state(): LossScaleState {
    return Object.freeze({ kind: "static", scale: this.scale, finiteSteps: 0, nonFiniteSteps: 0 });
  }

  restore(state: LossScaleState): void {
    const { scale } = readState(state, "static");
    if (scale === this.scale) return;
    throw wrongValue("scale", STATE, `${this.scale}, as the static loss scale is`, scale);
  }
}

class DynamicLossScale implements LossScale {
  readonly kind = "dynamic";
  readonly settings: DynamicLossScaleSettings;
  #scale: number;
  #finiteSteps = 0;
  #nonFiniteSteps = 0;

  constructor(settings: DynamicLossScaleSettings) {
    this.settings = settings;
    this.#scale = settings.initialScale;
  }

  get scale(): number {
    return this.#scale;
  }

  update(foundNonFinite: boolean): void {
    const { settings } = this;
    if (flag(foundNonFinite, "foundNonFinite", "update")) {
      this.#finiteSteps = 0;
      this.#nonFiniteSteps++;
      if (this.#nonFiniteSteps < settings.decreaseEvery) return;
      this.#nonFiniteSteps = 0;
      this.#scale = Math.max(settings.minScale, Math.fround(this.#scale * settings.backoffFactor));
    } else {
      this.#nonFiniteSteps = 0;
      this.#finiteSteps++;
      if (this.#finiteSteps < settings.growthInterval) return;
      this.#finiteSteps = 0;
      const grown = Math.fround(this.#scale * settings.growthFactor);
      if (Number.isFinite(grown)) this.#scale = Math.min(settings.maxScale, grown);
    }
  }

  state(): LossScaleState {
    return Object.freeze({
      kind: "dynamic",
      scale: this.#scale,
      finiteSteps: this.#finiteSteps,
      nonFiniteSteps: this.#nonFiniteSteps,
    });
  }

  restore(state: LossScaleState): void {
    const { scale, finiteSteps, nonFiniteSteps } = readState(state, "dynamic");
    const { minScale, maxScale, growthInterval, decreaseEvery } = this.settings;
    const fits = (x: number) => x >= minScale && x <= maxScale && Math.fround(x) === x;
    within(scale, `a float32 from ${minScale} to ${maxScale}`, fits, "scale", STATE);
    wholeNumberBetween(finiteSteps, 0, growthInterval - 1, "finiteSteps", STATE);
    wholeNumberBetween(nonFiniteSteps, 0, decreaseEvery - 1, "nonFiniteSteps", STATE);
    this.#scale = scale;
    this.#finiteSteps = finiteSteps;
    this.#nonFiniteSteps = nonFiniteSteps;
  }
}

function readState(state: unknown, kind: LossScale["kind"]): LossScaleState {
  const given = optionObject(state, "state", "restore");
  knownKeys(given, STATE_KEYS, STATE);
  oneOf(given.kind, [kind], "kind", STATE);
  return given as unknown as LossScaleState;
}
