import type { Clip } from "../gradients/clip.ts";
import { type Rate, readRate } from "../schedules/rate.ts";
import { baseOf, type Scheduled } from "../schedules/schedule.ts";
import { finiteAtLeast } from "../validate.ts";
import { checkEps, type GroupSettings, readBetas } from "./options.ts";

/** Rates that a group goes on with; what is left out stays. */
export interface RestoredRates {
  lr?: Rate;
  weightDecay?: Rate;
  betas?: readonly [number, number];
  eps?: number;
  initialLr?: number;
  /** Names of the options that the group had for itself. */
  own: readonly string[];
}

/**
 * A param group of an optimizer. lr, weightDecay, betas and eps can be assigned between steps; a
 * value out of range is refused as at construction and changes nothing. A vector is read whole when
 * it is assigned, and its element k is for the optimizer's step k, not for the k-th step from then.
 */
export class ParamGroup {
  /** The group's name, as reports and messages have it. */
  readonly name: string;
  readonly #where: string;
  readonly #settings: GroupSettings;
  #initialLr: number;
  #own: readonly string[] = [];

  /** @param where how messages call the group */
  constructor(name: string, where: string, settings: GroupSettings) {
    this.name = name;
    this.#where = where;
    this.#settings = { ...settings };
    this.#initialLr = settings.initialLr ?? baseOf(settings.lr);
  }

  /** How messages call the group. */
  get where(): string {
    return this.#where;
  }

  /** Learning rate: a number or a schedule. A vector that was assigned has become a schedule. */
  get lr(): Scheduled {
    return this.#settings.lr;
  }
  /** For the steps from now on. @throws TypeError, RangeError as at construction */
  set lr(lr: Rate) {
    this.#settings.lr = readRate(lr, "lr", this.#where);
  }

  /**
   * The rate that lr began from: a constant lr itself, element 0 of a vector, the base of a schedule
   * of ours; for a caller's own function what the options say, else NaN. Kept when lr is assigned.
   */
  get initialLr(): number {
    return this.#initialLr;
  }

  /** Names of the options that the group had for itself according to a checkpoint. */
  get own(): readonly string[] {
    return this.#own;
  }

  /** Weight decay, as lr. */
  get weightDecay(): Scheduled {
    return this.#settings.weightDecay;
  }
  /** For the steps from now on. @throws TypeError, RangeError as at construction */
  set weightDecay(weightDecay: Rate) {
    this.#settings.weightDecay = readRate(weightDecay, "weightDecay", this.#where);
  }

  /** Decay rates of the two moments: a fresh pair, each in [0, 1). */
  get betas(): readonly [number, number] {
    return [this.#settings.beta1, this.#settings.beta2];
  }
  /** For the steps from now on. @throws TypeError, RangeError as at construction */
  set betas(betas: readonly [number, number]) {
    const [beta1, beta2] = readBetas(betas, this.#where);
    checkEps(this.#settings.eps, beta2, this.#where);
    this.#settings.beta1 = beta1;
    this.#settings.beta2 = beta2;
  }

  /** Added to the root of the second moment. */
  get eps(): number {
    return this.#settings.eps;
  }
  /** For the steps from now on. @throws TypeError, RangeError as at construction */
  set eps(eps: number) {
    const checked = finiteAtLeast(eps, 0, "eps", this.#where);
    checkEps(checked, this.#settings.beta2, this.#where);
    this.#settings.eps = checked;
  }

  /**
   * Takes over the rates of a checkpoint.
   *
   * @internal
   * @throws TypeError, RangeError for one out of range, changing nothing
   */
  restore(rates: RestoredRates): void {
    const where = this.#where;
    const lr = readRate(rates.lr ?? this.lr, "lr", where);
    const weightDecay = readRate(rates.weightDecay ?? this.weightDecay, "weightDecay", where);
    const [beta1, beta2] = readBetas(rates.betas ?? this.betas, where);
    const eps = finiteAtLeast(rates.eps ?? this.eps, 0, "eps", where);
    checkEps(eps, beta2, where);
    Object.assign(this.#settings, { lr, weightDecay, beta1, beta2, eps });
    this.#initialLr = rates.initialLr ?? this.#initialLr;
    this.#own = rates.own;
  }

  /** Fixed at construction: it decides which memory the parameters have. */
  get amsgrad(): boolean {
    return this.#settings.amsgrad;
  }

  /** Multiplies the lr scale of the group's parameters. Fixed at construction. */
  get lrScale(): number {
    return this.#settings.lrScale;
  }

  /** Whether each row of the group's gradients loses its mean. Fixed at construction. */
  get centralize(): boolean {
    return this.#settings.centralize ?? false;
  }

  /** The group's own clip, in place of the optimizer's; null for none. Fixed at construction. */
  get clip(): Clip | null {
    return this.#settings.clip ?? null;
  }

  /** First moment's decay rate; as `betas[0]`, without the array. */
  get beta1(): number {
    return this.#settings.beta1;
  }

  /** Second moment's decay rate; as `betas[1]`, without the array. */
  get beta2(): number {
    return this.#settings.beta2;
  }
}
