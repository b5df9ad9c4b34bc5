import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  AdamW,
  type AdamWOptions,
  clipAdaptive,
  dynamicLossScale,
  type SparseRows,
  WeightAverage,
} from "../../src/index.ts";
import { realistic } from "./patterns.ts";

// What asks for memory, each with a way to see all that it changed.

const SHAPES = { table: [300, 40], vector: [5000], rest: [9000] } as const;

/** A case: what is there before, what asks for memory, and all that can be seen of it afterwards. */
export interface MemoryCase {
  readonly title: string;
  begin(): Promise<Scene>;
}

export interface Scene {
  /** May be tried again after it failed. */
  act(): unknown;
  /** Equal text: nothing has changed. Of a refused act, and of one that was done. */
  seen(): Promise<string>;
  end(): void;
}

/** Records of a few bytes each come to more than is never refused. */
const MANY = Array.from({ length: 200 }, (_, i) => ({ name: `p${i}`, shape: [] }));
const LATE = { late: realistic(9000, 5) };
const SPECS = Object.entries(SHAPES).map(([name, shape], i) => {
  const length = shape.reduce((product: number, size) => product * size, 1);
  return { name, shape: [...shape], data: realistic(length, i + 1) };
});

/** Rows in no order, one of them twice. */
const rows = (name: "table" | "vector", k: number): SparseRows => {
  const rowLength = name === "table" ? 40 : 1;
  const which = Array.from({ length: 290 }, (_, i) => (i * 7 + k) % SHAPES[name][0]);
  return { rows: [...which, which[0]], values: realistic(291 * rowLength, 50 + k) };
};
const GRADIENTS = [0, 1, 2, 3].map((k) => ({
  table: rows("table", k),
  vector: rows("vector", k),
  rest: realistic(9000, 90 + k),
}));
const HALF_ROWS = { rows: rows("table", 4).rows, values: new Uint16Array(291 * 40).fill(0x3c00) };

/** The whole state, the sums of micro-batches and scales included. */
async function fingerprint(optimizer: AdamW): Promise<string> {
  return `${optimizer.digest()} ${Buffer.from(await optimizer.toBytes()).toString("base64")}`;
}

async function stepped(options: AdamWOptions): Promise<AdamW> {
  const optimizer = await AdamW.create(SPECS, options);
  optimizer.step(GRADIENTS[0]);
  return optimizer;
}

const onOptimizer = (
  title: string,
  options: AdamWOptions | (() => AdamWOptions),
  act: (optimizer: AdamW) => unknown,
  before: (optimizer: AdamW) => unknown = () => undefined,
): MemoryCase => ({
  title,
  async begin() {
    const optimizer = await stepped(typeof options === "function" ? options() : options);
    await before(optimizer);
    return {
      act: () => act(optimizer),
      seen: () => fingerprint(optimizer),
      end: () => optimizer.dispose(),
    };
  },
});

const LAZY = { lazy: true, clip: clipAdaptive(0.01), centralize: true, gradNorm: true } as const;
const sums = (optimizer: AdamW) => {
  for (const k of [1, 2]) optimizer.accumulate(GRADIENTS[k], { average: true });
};

/** Makes one; `again` sees that a refused attempt kept nothing of the options. */
const construction = (title: string, make: () => () => AdamW | Promise<AdamW>): MemoryCase => ({
  title,
  async begin() {
    const again = make();
    let made: AdamW | null = null;
    return {
      async act() {
        made = await again();
      },
      seen: async () => (made ? fingerprint(made) : "none"),
      end: () => made?.dispose(),
    };
  },
});

const saving = (title: string, keep: number): MemoryCase => ({
  title,
  async begin() {
    const folder = mkdtempSync(join(tmpdir(), "ashlar-refused-"));
    const path = join(folder, "a.safetensors");
    const optimizer = await stepped({});
    await optimizer.save(path);
    optimizer.step(GRADIENTS[1]);
    return {
      act: () => optimizer.save(path, { keep }),
      async seen() {
        const files = readdirSync(folder)
          .sort()
          .map((name) => `${name} ${readFileSync(join(folder, name)).toString("base64")}`);
        return [await fingerprint(optimizer), ...files].join("\n");
      },
      end() {
        optimizer.dispose();
        rmSync(folder, { recursive: true });
      },
    };
  },
});

/** Small slabs, so that there are several. */
const SMALL = { slabBytes: 589_824 } as const;

export const MEMORY_CASES: readonly MemoryCase[] = [
  construction("construct, several memories", () => () => new AdamW(SPECS, SMALL)),
  construction("construct, many parameters", () => () => new AdamW(MANY)),
  construction("construct, a loss scale", () => {
    const lossScale = dynamicLossScale();
    return () => new AdamW(SPECS, { lossScale, precision: { model: "float16" } });
  }),
  construction("create", () => () => AdamW.create(SPECS, { ...SMALL, amsgrad: true })),
  construction("create, two threads", () => () => AdamW.create(SPECS, { ...SMALL, threads: 2 })),
  {
    title: "load",
    async begin() {
      const saved = await stepped({ lazy: true });
      sums(saved);
      const bytes = await saved.toBytes();
      saved.dispose();
      let made: AdamW | null = null;
      return {
        async act() {
          made = await AdamW.load(bytes);
        },
        seen: async () => (made ? fingerprint(made) : "none"),
        end: () => made?.dispose(),
      };
    },
  },
  onOptimizer("step, rows", {}, (optimizer) => optimizer.step(GRADIENTS[1])),
  onOptimizer("step, lazy rows, every pass", LAZY, (optimizer) => optimizer.step(GRADIENTS[1])),
  onOptimizer("step, measured rows", LAZY, (optimizer) =>
    optimizer.step(GRADIENTS[1], { metrics: true }),
  ),
  onOptimizer(
    "step, 16-bit rows",
    { precision: { model: "bfloat16", gradients: "bfloat16" } },
    (optimizer) => optimizer.step({ table: HALF_ROWS }),
  ),
  onOptimizer("step of averaged sums", LAZY, (optimizer) => optimizer.step(), sums),
  onOptimizer(
    "measured step of averaged sums, a loss scale",
    () => ({ ...LAZY, lossScale: dynamicLossScale() }),
    (optimizer) => optimizer.step(undefined, { metrics: true }),
    sums,
  ),
  onOptimizer(
    "accumulate",
    { lazy: true },
    (optimizer) => optimizer.accumulate(GRADIENTS[3]),
    sums,
  ),
  onOptimizer("addParameters", SMALL, (optimizer) => optimizer.addParameters(LATE)),
  onOptimizer("addGroup", SMALL, (optimizer) =>
    optimizer.addGroup({ name: "late", params: LATE, amsgrad: true }),
  ),
  onOptimizer("toBytes", {}, (optimizer) => optimizer.toBytes()),
  onOptimizer("toBlob", {}, (optimizer) => optimizer.toBlob()),
  onOptimizer("save to a stream", {}, (optimizer) => optimizer.save(new WritableStream())),
  saving("save to a path", 0),
  saving("save to a path, an older version kept", 1),
  onOptimizer("a weight average", {}, (optimizer) => {
    const average = new WeightAverage(optimizer, { interleaveSteps: 1, merge: false });
    optimizer.step(GRADIENTS[1]);
    average.update();
    return average;
  }),
];
