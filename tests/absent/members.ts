import {
  AdamW,
  AdamWDL,
  type AdamWDLOptions,
  clipByGlobalNorm,
  DecoupledAdamW,
  MindFormersAdamW,
  type Optimizer,
} from "../../src/index.ts";
import { BETAS, EPS, LR, type Rule, rateAt } from "./plain-family.ts";

// Every member of the family, and each of its formulas, over groups of parameters.

export interface Spec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** A group may be one of amsgrad where the member has that. */
export interface GroupSpec {
  readonly amsgrad: boolean;
  readonly params: readonly Spec[];
}

export interface Member extends Rule {
  readonly title: string;
  readonly amsgrad: boolean;
  create(groups: readonly GroupSpec[], max: number | null, threads: number): Promise<Optimizer>;
}

const DECAY = 0.1;
/** Of a decay of 1e-3 and more DecoupledAdamW warns. */
const SMALL_DECAY = 5e-4;

const clipOf = (max: number | null) => (max === null ? {} : { clip: clipByGlobalNorm(max) });

const adamW: Member = {
  title: "AdamW",
  amsgrad: true,
  weightDecay: DECAY,
  formula: "torch",
  counts: "each",
  create: (groups, max, threads) =>
    AdamW.create(groups, { lr: rateAt, weightDecay: DECAY, eps: EPS, threads, ...clipOf(max) }),
};

const decoupled: Member = {
  title: "DecoupledAdamW",
  amsgrad: true,
  weightDecay: SMALL_DECAY,
  formula: "torch",
  counts: "each",
  shares: (plain, lr, weightDecay) => ({ ...plain, decay: (lr / LR) * weightDecay }),
  create: (groups, max, threads) =>
    DecoupledAdamW.create(groups, {
      ...{ lr: rateAt, initialLr: LR, weightDecay: SMALL_DECAY, eps: EPS, threads },
      ...{ betas: BETAS, ...clipOf(max) },
    }),
};

function dl(
  arithmetic: NonNullable<AdamWDLOptions["arithmetic"]>,
  shares?: Rule["shares"],
): Member {
  return {
    title: `AdamWDL, ${arithmetic}`,
    amsgrad: false,
    weightDecay: DECAY,
    formula: "paddle",
    counts: "each",
    ...(shares ? { shares } : {}),
    create: (groups, max, threads) =>
      AdamWDL.create({
        parameters: groups.flatMap(({ params }) => params),
        ...{ learningRate: rateAt, weightDecay: DECAY, epsilon: EPS, arithmetic, threads },
        ...(max === null ? {} : { gradClip: clipByGlobalNorm(max) }),
      }),
  };
}

function mindFormers(arithmetic: "intended" | "documented", shares?: Rule["shares"]): Member {
  return {
    title: `MindFormersAdamW, ${arithmetic}`,
    amsgrad: false,
    weightDecay: DECAY,
    formula: "mindformers",
    counts: "all",
    ...(shares ? { shares } : {}),
    create: (groups, max, threads) =>
      MindFormersAdamW.create(
        groups.map(({ params }) => ({ params })),
        {
          ...{ learningRate: rateAt, weightDecay: DECAY, eps: EPS, arithmetic, threads },
          ...clipOf(max),
        },
      ),
  };
}

export const MEMBERS: readonly Member[] = [
  adamW,
  decoupled,
  dl("intended"),
  dl("documented", (plain, _, weightDecay) => ({
    ...{ stepSize: plain.stepSize, epsHat: EPS },
    decay: plain.stepSize * weightDecay,
  })),
  dl("executed", (plain, lr, weightDecay) => {
    const once = lr * weightDecay;
    return { ...plain, decay: once + once - once * once };
  }),
  mindFormers("intended"),
  mindFormers("documented", (plain, lr) => ({ ...plain, stepSize: lr, epsHat: EPS })),
];
