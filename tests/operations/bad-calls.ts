import { AdamW, AdamWDL, type AdamWGroup, type NamedGradients } from "../../src/index.ts";
import type { TrainingCase } from "../reference/cases.ts";
import {
  BETWEEN_SUMS,
  LATE,
  NAMED,
  OTHERS,
  type Refusal,
  type Where,
} from "../reference/refusals.ts";
import { lengthOf } from "../reference/training-case.ts";

// Calls that must be refused whatever came before them, each with what it must throw.

/** What a bad call is made on. */
export interface Victim {
  readonly optimizer: AdamW;
  readonly training: TrainingCase;
  /** Whether sums of micro-batches wait for a step. */
  readonly waiting: boolean;
  /** The last checkpoint, if there is one. */
  readonly bytes: Uint8Array<ArrayBuffer> | null;
}

/** The code of an AshlarError, or the class of any other error. */
export type Kind = "TypeError" | "RangeError" | "Error" | "BUSY" | "BAD_CHECKPOINT" | "NON_FINITE";

/** A call and what it throws, or rejects with; null where it does not apply. */
export type BadCall = (
  victim: Victim,
  where: Where,
) => { readonly kind: Kind; readonly call: () => unknown } | null;

type Junk = never;

/** A refusal that throws the same wherever it applies. */
const throws =
  (kind: Kind, refusal: Refusal): BadCall =>
  ({ optimizer, training }, where) => {
    const call = refusal(optimizer, training, where);
    return call && { kind, call };
  };

/** The kinds of the calls in refusals.ts, by the end of their names. */
const KINDS: Readonly<Record<string, Kind>> = {
  "a gradient too long": "RangeError",
  "a gradient of the wrong kind": "TypeError",
  "a row that there is not": "RangeError",
  "too few values for the rows": "RangeError",
  "an unknown name": "RangeError",
  "a schedule that throws": "Error",
  "a schedule of NaN": "RangeError",
  "a schedule of -1": "RangeError",
  "a schedule of text": "TypeError",
  "a closure that throws": "Error",
  "a closure's promise": "TypeError",
  "an lr beyond float32": "RangeError",
  "weights: NaN": "RangeError",
  "weights: too long": "RangeError",
  "weights: wrong kind": "TypeError",
  "lr -1": "RangeError",
  "lr as text": "TypeError",
  "weightDecay NaN": "RangeError",
  "betas of 1": "RangeError",
  "one beta": "RangeError",
  "eps 0": "RangeError",
  "an unknown option of step": "TypeError",
  "average as text": "TypeError",
  "an unknown parameter": "RangeError",
};

const SCALAR_ROWS = "an unknown key beside the rows";

function known(why: string, refusal: Refusal): BadCall {
  return (victim, where) => {
    const { parameters, options } = victim.training;
    const scalar = parameters[where.parameter % parameters.length].shape.length === 0;
    let kind: Kind = KINDS[why.replace(/^(step|accumulate): /, "")];
    // A scalar can have no rows at all, and that is said first.
    if (why.endsWith(SCALAR_ROWS)) kind = scalar ? "RangeError" : "TypeError";
    if (why.startsWith("step: ") && victim.waiting) kind = "BUSY";
    if (why in LATE) {
      // Noticed where something moves by it; a bad gradient that was left in a view is noticed first.
      const { groups } = victim.training;
      const moves = [...groups, ...parameters].every(({ lrScale }) => lrScale > 0);
      if (!moves || victim.waiting || options.nonFinite === "skip") return null;
      if (hasBadView(victim)) kind = "NON_FINITE";
    }
    return throws(kind, refusal)(victim, where);
  };
}

/** Whether a step of the views would be refused by nonFinite "throw". */
function hasBadView({ optimizer, training }: Victim): boolean {
  const { nonFinite, lossScale, precision } = training.options;
  if (nonFinite !== "throw" || precision.gradients !== "float32") return false;
  const most = 2 ** 63 * (lossScale ?? 1);
  return optimizer.parameterNames.some((name) =>
    optimizer
      .parameter(name)
      .parts.some(({ gradient }) => gradient.some((value) => !(Math.abs(value) <= most))),
  );
}

/** Bad gradients in steps are operations of their own: what comes of them depends on the options. */
const SHAPES = Object.fromEntries(
  Object.entries(NAMED).filter(([why]) => why.startsWith("step: ")),
);

type Act = (optimizer: AdamW) => unknown;

/** What can be called neither from within a step nor while a save runs. */
const WITHIN: Readonly<Record<string, Act>> = {
  step: (optimizer) => optimizer.step(),
  zeroGradients: (optimizer) => optimizer.zeroGradients(),
  setWeights: (optimizer) => optimizer.setWeights({}),
  accumulate: (optimizer) => optimizer.accumulate({}),
  addParameters: (optimizer) => {
    const [{ name }] = optimizer.groups;
    optimizer.addParameters({ "not there yet": new Float32Array(1) }, { group: name });
  },
  addGroup: (optimizer) => optimizer.addGroup({ params: { "not there yet": new Float32Array(1) } }),
  dispose: (optimizer) => optimizer.dispose(),
};

const ONLY_WITHIN_STEPS: typeof WITHIN = {
  digest: (optimizer) => optimizer.digest(),
  copyTo: (optimizer) => optimizer.copyTo({}),
};

function withinStep(act: Act): BadCall {
  return ({ optimizer }, { group }) => ({
    kind: "BUSY",
    call: () => {
      const target = optimizer.groups[group % optimizer.groups.length];
      const { lr } = target;
      target.lr = () => {
        act(optimizer);
        return 1;
      };
      try {
        optimizer.step();
      } finally {
        target.lr = lr;
      }
    },
  });
}

function whileSaving(act: Act): BadCall {
  return ({ optimizer }) => ({
    kind: "BUSY",
    call: async () => {
      const saving = optimizer.toBytes();
      try {
        await act(optimizer);
      } finally {
        await saving;
      }
    },
  });
}

const each = (text: string, acts: Readonly<Record<string, Act>>, make: (act: Act) => BadCall) =>
  Object.fromEntries(Object.entries(acts).map(([name, act]) => [`${name} ${text}`, make(act)]));

/** Functions are no part of a checkpoint. */
const RULES = { decays: () => true, lrScale: () => 1, clips: () => true };

/** A load that fails; the optimizer at hand has no part in it. */
const loading =
  (kind: Kind, load: (bytes: Uint8Array<ArrayBuffer>, at: number) => Promise<unknown>): BadCall =>
  ({ bytes }, { at }) =>
    bytes && { kind, call: () => load(Uint8Array.from(bytes), at) };

const LOADS: Readonly<Record<string, BadCall>> = {
  "load: a bit flipped": loading("BAD_CHECKPOINT", (bytes, at) => {
    bytes[(at * 7919) % bytes.length] ^= 1 << (at % 8);
    return AdamW.load(bytes, RULES);
  }),
  "load: cut off": loading("BAD_CHECKPOINT", (bytes, at) =>
    AdamW.load(bytes.subarray(0, (at * 7919) % bytes.length), RULES),
  ),
  "load: another class": loading("BAD_CHECKPOINT", (bytes) => AdamWDL.load(bytes)),
  "load: other parameters": loading("BAD_CHECKPOINT", (bytes) =>
    AdamW.load(bytes, { parameters: { "not there": { shape: [1] } }, ...RULES }),
  ),
  "load: an unknown option": loading("TypeError", (bytes) =>
    AdamW.load(bytes, { lerningRate: 1, ...RULES } as Junk),
  ),
  "load: no function given again": loading("TypeError", (bytes) => AdamW.load(bytes)),
};

const grows =
  (kind: Kind, grow: (victim: Victim, group: string, name: string) => unknown): BadCall =>
  (victim, { parameter, group }) => {
    const { groups, parameterNames } = victim.optimizer;
    const own = groups[group % groups.length].name;
    const name = parameterNames[parameter % parameterNames.length];
    return { kind, call: () => grow(victim, own, name) };
  };

const addGroup = (optimizer: AdamW, wrong: object) =>
  optimizer.addGroup({ params: { "not there yet": new Float32Array(2) }, ...wrong } as AdamWGroup);

const GROWTH: Readonly<Record<string, BadCall>> = {
  "addParameters: a name that there is": grows("RangeError", ({ optimizer }, group, name) =>
    optimizer.addParameters([{ name, shape: [1] }], { group }),
  ),
  "addParameters: none": grows("RangeError", ({ optimizer }, group) =>
    optimizer.addParameters({}, { group }),
  ),
  "addParameters: too little data": grows("RangeError", ({ optimizer }, group) =>
    optimizer.addParameters([{ name: "x x", shape: [3], data: new Float32Array(2) }], { group }),
  ),
  "addParameters: data of another kind": grows("TypeError", ({ optimizer }, group) =>
    optimizer.addParameters({ "x x": new Float64Array(3) } as Junk, { group }),
  ),
  "addParameters: an unknown group": grows("RangeError", ({ optimizer }) =>
    optimizer.addParameters({ "x x": new Float32Array(1) }, { group: "not there" }),
  ),
  "addParameters: weights that float16 can't hold": (victim, where) =>
    victim.training.options.precision.model !== "float16"
      ? null
      : grows("RangeError", ({ optimizer }, group) =>
          optimizer.addParameters({ "x x": Float32Array.of(1, 1e6) }, { group }),
        )(victim, where),
  "addGroup: a name that there is": grows("RangeError", ({ optimizer }, name) =>
    addGroup(optimizer, { name }),
  ),
  "addGroup: lr -1": grows("RangeError", ({ optimizer }) => addGroup(optimizer, { lr: -1 })),
  "addGroup: an unknown key": grows("TypeError", ({ optimizer }) =>
    addGroup(optimizer, { momentum: 0.9 }),
  ),
};

/** A call about one parameter. */
const about =
  (kind: Kind, call: (victim: Victim, name: string, length: number) => unknown): BadCall =>
  (victim, { parameter }) => {
    const { parameters } = victim.training;
    const { name, shape } = parameters[parameter % parameters.length];
    return { kind, call: () => call(victim, name, lengthOf(shape)) };
  };

const MISC: Readonly<Record<string, BadCall>> = {
  "accumulate: a detached gradient": (victim, where) => {
    const { parameters } = victim.training;
    const { name, shape } = parameters[where.parameter % parameters.length];
    if (lengthOf(shape) === 0) return null;
    const gradient = new Float32Array(lengthOf(shape));
    structuredClone(gradient.buffer, { transfer: [gradient.buffer] });
    return { kind: "TypeError", call: () => victim.optimizer.accumulate({ [name]: gradient }) };
  },
  "copyTo: an unknown name": about("RangeError", ({ optimizer }) =>
    optimizer.copyTo({ "not there": new Float32Array(1) }),
  ),
  "copyTo: another length": about("RangeError", ({ optimizer }, name, length) =>
    optimizer.copyTo({ [name]: new Float32Array(length + 1) }),
  ),
  "copyTo: another kind": about("TypeError", ({ optimizer }, name, length) =>
    optimizer.copyTo({ [name]: new Float64Array(length) as Junk }),
  ),
  "accumulate: a Map": about("TypeError", ({ optimizer }) =>
    optimizer.accumulate(new Map() as unknown as NamedGradients),
  ),
  "gradient: an unknown name": about("RangeError", ({ optimizer }) => optimizer.gradient("no")),
  "groupGradients: an unknown group": about("RangeError", ({ optimizer }) =>
    optimizer.groupGradients("not there"),
  ),
  "stepAsync: no function": about("TypeError", ({ optimizer }) => optimizer.stepAsync({} as Junk)),
  "save: no target": about("TypeError", ({ optimizer }) => optimizer.save(7 as Junk)),
};

const knownCalls = Object.entries({ ...SHAPES, ...BETWEEN_SUMS, ...LATE, ...OTHERS }).map(
  ([why, refusal]) => [why, known(why, refusal)] as const,
);

export const BAD_CALLS: Readonly<Record<string, BadCall>> = {
  ...Object.fromEntries(knownCalls),
  ...each("within a step", { ...WITHIN, ...ONLY_WITHIN_STEPS }, withinStep),
  ...each("while a save runs", { ...WITHIN, save: (one) => one.toBytes() }, whileSaving),
  ...LOADS,
  ...GROWTH,
  ...MISC,
};
