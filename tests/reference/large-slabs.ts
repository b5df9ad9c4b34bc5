import { type PlannedSlab, planSlabs } from "../../src/core/plan.ts";
import { addressOf } from "../../src/core/slab.ts";
import { LARGEST_SLAB_BYTES, type PlaneName } from "../../src/core/slab-layout.ts";
import { AdamW, type AdamWOptions, clipByGlobalNorm, type Gradient } from "../../src/index.ts";
import { parameterDigests } from "../../src/optimizers/digests.ts";
import { machineryOf } from "../../src/optimizers/optimizer.ts";
import { stateChecksums } from "../../src/optimizers/step-checks.ts";
import { realistic } from "./patterns.ts";

// Parameters at the addresses where 32-bit pointers go wrong: across 2^31, and up to 2^32. What lies
// between them is never touched, so that a slab of 4 GiB costs some pages.

const HALF = 2 ** 31;
const MID = [300, 1000] as const;
const LENGTHS = { first: 30_000, mid: MID[0] * MID[1], last: 20_000 } as const;
type Name = keyof typeof LENGTHS;
const NAMES = Object.keys(LENGTHS) as Name[];

export interface LargeCase {
  readonly title: string;
  readonly options: Omit<AdamWOptions, "clip" | "lazy" | "gradNorm">;
}

export const LARGE_CASES: readonly LargeCase[] = [
  { title: "float32", options: {} },
  { title: "amsgrad", options: { amsgrad: true } },
  {
    title: "float16 weights, bfloat16 gradients",
    options: { precision: { model: "float16", gradients: "bfloat16" } },
  },
  { title: "bfloat16 weights alone", options: { precision: { model: "bfloat16", master: false } } },
];

interface Spec {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Where the parameters came to lie. */
export interface Place {
  readonly specs: readonly Spec[];
  /** Address of `mid` below 2^31, its end above, in this plane. */
  readonly crossing: PlaneName;
  readonly bytes: number;
  /** Where the last plane of `last` ends. */
  readonly end: number;
}

/** Lays them out with fillers between, in one slab of 4 GiB that is full to its last 16 bytes. */
export function placeAtTheEdges({ amsgrad = false, precision = {}, threads }: AdamWOptions): Place {
  const model16 = (precision.model ?? "float32") !== "float32";
  const grad16 = (precision.gradients ?? "float32") !== "float32";
  const stride = model16 || grad16 ? 32 : 16;
  // 16 bytes short of a whole stride in the last plane.
  const lastLength = Math.ceil(LENGTHS.last / stride) * stride - (grad16 || model16 ? 8 : 4);
  const specsOf = (before: number, after: number, tiny: number): Spec[] => [
    { name: "first", shape: [LENGTHS.first] },
    ...Array.from({ length: tiny }, (_, i) => ({ name: `tiny${i}`, shape: [1] })),
    { name: "before", shape: [before] },
    { name: "mid", shape: MID },
    { name: "after", shape: [after] },
    { name: "last", shape: [lastLength] },
  ];
  const plan = (specs: readonly Spec[]): readonly PlannedSlab[] =>
    planSlabs(
      specs.map(({ name, shape }) => {
        return { name, length: shape.reduce((a, b) => a * b, 1), amsgrad };
      }),
      {
        ...{ slabBytes: LARGEST_SLAB_BYTES, model16, grad16, splitParameters: true },
        threads: typeof threads === "number" ? threads : 1,
      },
    );
  const endOf = (slab: PlannedSlab) => {
    const planes = Object.keys(slab.layout.planes) as PlaneName[];
    const segment = slab.segments[slab.segments.length - 1];
    const ends = planes.map((plane) => addressOf(slab, plane, segment.element + segment.length));
    return Math.max(...ends);
  };
  let best: { fill: number; tiny: number; end: number } | null = null;
  const before = 1 << 20;
  for (let tiny = 0; tiny < 200 && best?.end !== LARGEST_SLAB_BYTES - 16; tiny++) {
    let [fits, tooMany] = [1, LARGEST_SLAB_BYTES / 16 / stride];
    while (tooMany - fits > 1) {
      const middle = Math.floor((fits + tooMany) / 2);
      if (plan(specsOf(before, middle * stride, tiny)).length === 1) fits = middle;
      else tooMany = middle;
    }
    const end = endOf(plan(specsOf(before, fits * stride, tiny))[0]);
    if (end > (best?.end ?? 0)) best = { fill: before + fits * stride, tiny, end };
  }
  const { fill, tiny } = best as { fill: number; tiny: number };
  // The planes lie where they lie, however the filling is divided in multiples of a block.
  const [slab] = plan(specsOf(before, fill - before, tiny));
  const mid = slab.segments[tiny + 2];
  for (const crossing of ["param", "grad", "expAvg", "expAvgSq"] as const) {
    const size = 4 * mid.length;
    const wanted = (HALF - size / 2 - addressOf(slab, crossing, mid.element)) / 4;
    const own = before + Math.round(wanted / 4096) * 4096;
    if (own < 4096 || fill - own < 4096) continue;
    const specs = specsOf(own, fill - own, tiny);
    const [moved, ...more] = plan(specs);
    const at = addressOf(moved, crossing, moved.segments[tiny + 2].element);
    if (more.length > 0 || at >= HALF || at + size <= HALF) continue;
    return { specs, crossing, bytes: moved.layout.bytes, end: endOf(moved) };
  }
  throw new Error("no plane crosses 2^31");
}

/** Rows around the middle of `mid`, which lies at 2^31, and at its ends. */
const ROWS = [149, 0, 150, 299, 148, 151, 150];

function gradientOf(name: Name, length: number, k: number, halves: boolean): Gradient {
  if (!halves) return realistic(length, 10 * k + NAMES.indexOf(name));
  // bfloat16 of about 0.01 to 1.
  return Uint16Array.from({ length }, (_, i) => 0x3c00 + ((i * 37 + k * 11) % 0x180));
}

/** Checksums of the whole state, by name. */
export function checksumsOf(optimizer: AdamW, isOurs = (_name: string) => true): string[] {
  const { slabs, entries } = machineryOf(optimizer).internals();
  const ours = entries.filter(({ name }) => isOurs(name));
  return [...stateChecksums(slabs, ours)].map((sum, i) => `${ours[i].name} ${sum.toString(16)}`);
}

/** Each kind of walk over the parameters, by name: nothing else is touched. */
export async function trainAtTheEdges(
  specs: readonly Spec[],
  options: LargeCase["options"],
  slabBytes: number,
): Promise<{ seen: string[]; optimizer: AdamW }> {
  const optimizer = await AdamW.create(
    specs.map((spec) => {
      const isOurs = NAMES.includes(spec.name as Name);
      const length = spec.shape.reduce((a, b) => a * b, 1);
      return isOurs ? { ...spec, data: realistic(length, length) } : spec;
    }),
    { ...options, slabBytes, lazy: true, clip: clipByGlobalNorm(1), gradNorm: true },
  );
  const halves = (options.precision?.gradients ?? "float32") !== "float32";
  const lengths = Object.fromEntries(NAMES.map((name) => [name, optimizer.parameter(name).length]));
  const whole = (k: number, names: readonly Name[] = NAMES) =>
    Object.fromEntries(names.map((name) => [name, gradientOf(name, lengths[name], k, halves)]));
  const rows = (k: number) => ({ rows: ROWS, values: realistic(ROWS.length * MID[1], 70 + k) });
  const seen: string[] = [];
  const note = (what: unknown) => seen.push(JSON.stringify(what));
  note(optimizer.step(whole(0)).gradNorm);
  note(optimizer.step({ ...whole(1, ["last"]), mid: rows(1) }, { metrics: true }).gradNorm);
  note(optimizer.metrics());
  note(optimizer.step(whole(2), { metrics: true }).gradNorm);
  note(optimizer.metrics());
  for (const k of [3, 4]) {
    optimizer.accumulate({ ...whole(k, ["first", "last"]), mid: rows(k) }, { average: true });
  }
  note(optimizer.step().gradNorm);
  const copy = new Float32Array(lengths.mid);
  optimizer.copyTo({ mid: copy });
  optimizer.setWeights({ mid: copy.map((value) => value / 2) });
  note(optimizer.step(whole(5)).gradNorm);
  const { slabs, entries, rule } = machineryOf(optimizer).internals();
  const ours = entries.filter(({ name }) => NAMES.includes(name as Name));
  note([...parameterDigests(slabs, ours, rule.settings.model)]);
  note(checksumsOf(optimizer, (name) => NAMES.includes(name as Name)));
  return { seen, optimizer };
}

/**
 * Trains at the edges and in a small slab.
 *
 * @throws Error at the first difference
 */
export async function compareAtTheEdges({ options }: LargeCase): Promise<Place> {
  const place = placeAtTheEdges(options);
  const large = await trainAtTheEdges(place.specs, options, LARGEST_SLAB_BYTES);
  const { bytes } = large.optimizer;
  if (bytes !== place.bytes) throw new Error(`${bytes} bytes, expected ${place.bytes}`);
  large.optimizer.dispose();
  const ours = place.specs.filter(({ name }) => NAMES.includes(name as Name));
  const small = await trainAtTheEdges(ours, options, LARGEST_SLAB_BYTES);
  small.optimizer.dispose();
  large.seen.forEach((line, i) => {
    if (line !== small.seen[i]) throw new Error(`${i}: ${line}\nin a small slab: ${small.seen[i]}`);
  });
  return place;
}

const WIDE = [120_000, 5000] as const;

export interface SpreadRun {
  readonly memories: number;
  readonly bytes: number;
  /** Rows of `wide` that lie in two memories. */
  readonly divided: number;
  readonly seen: readonly string[];
}

/**
 * Trains a parameter of 2.4 GB, of which some rows move, with its moments spread over memories.
 *
 * @param rows    that move; null: those at the ends of the memories, which are returned
 * @param entire  whether all of the state is read at the end
 */
export async function trainSpread(
  slabBytes: number,
  rows: readonly number[] | null,
  entire: boolean,
): Promise<SpreadRun & { readonly rows: readonly number[] }> {
  const optimizer = await AdamW.create(
    [
      { name: "wide", shape: WIDE },
      { name: "head", shape: [7000], data: realistic(7000, 1) },
    ],
    { slabBytes, lazy: true, clip: clipByGlobalNorm(1) },
  );
  const [rowCount, rowLength] = WIDE;
  const { parts } = optimizer.parameter("wide");
  const cuts = parts.slice(1).map(({ first }) => first / rowLength);
  const ends = cuts.flatMap((cut) => [Math.floor(cut) - 1, Math.floor(cut), Math.ceil(cut)]);
  const moving = rows ?? [...new Set([0, ...ends, rowCount - 1])];
  const seen: string[] = [];
  for (let k = 0; k < 4; k++) {
    const { gradNorm, ...report } = optimizer.step(
      {
        wide: { rows: moving, values: realistic(moving.length * rowLength, k + 5) },
        head: realistic(7000, k + 20),
      },
      { metrics: false },
    );
    seen.push(JSON.stringify([gradNorm, report.applied]));
  }
  for (const row of moving) {
    const found = parts.flatMap(({ first, length, master, expAvg, expAvgSq }) => {
      const from = Math.max(row * rowLength - first, 0);
      const to = Math.min((row + 1) * rowLength - first, length);
      return from < to ? [master, expAvg, expAvgSq].map((view) => view.subarray(from, to)) : [];
    });
    const values = [0, 1, 2].map((plane) =>
      found.flatMap((view, i) =>
        i % 3 === plane ? [...new Uint32Array(view.slice().buffer)] : [],
      ),
    );
    seen.push(`${row} ${values.map((plane) => plane.join()).join(" ")}`);
  }
  const { slabs, entries } = machineryOf(optimizer).internals();
  const head = entries.filter(({ name }) => name === "head");
  seen.push(JSON.stringify([...parameterDigests(slabs, head, "float32")]));
  if (entire) seen.push(...checksumsOf(optimizer));
  const memories = new Set(parts.map(({ master }) => master.buffer)).size;
  const { bytes } = optimizer;
  optimizer.dispose();
  const divided = cuts.filter((cut) => !Number.isInteger(cut)).length;
  return { memories, bytes, divided, seen, rows: moving };
}
