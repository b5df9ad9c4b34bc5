import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamW, type DecayConvention, families, layerDecay } from "../src/index.ts";
import { locate } from "../src/parameters/families/family.ts";
import { familyNames } from "./reference/family-names.ts";
import { power } from "./reference/plain-step.ts";
import { holds, shuffled } from "./reference/property.ts";

const test = suite("properties: layers");

type FamilyName = keyof typeof families;

/** A name of a block, with its index or indices left open. */
interface Template {
  readonly stack: string | undefined;
  readonly depth: number;
  make(index: readonly number[]): string;
}

/** Block names of a family, from the table of real names: "layers.3.weight" for "layers.N.weight". */
function templatesOf(family: FamilyName): Template[] {
  return Object.entries(familyNames[family]).flatMap(([name, place]) => {
    const found = /^(?:(\w+) )?block (\d+)(?:\.(\d+))?$/.exec(place);
    // A stage's downsampling names its stage only.
    if (!found || name.includes("downsampl")) return [];
    const parts = name.split(".");
    const digits = found.slice(2).filter((each) => each !== undefined);
    const places: number[] = [];
    for (const each of digits) places.push(parts.indexOf(each, (places.at(-1) ?? -1) + 1));
    if (places.includes(-1)) return [];
    const make = (index: readonly number[]) =>
      parts.map((part, i) => (places.includes(i) ? `${index[places.indexOf(i)]}` : part)).join(".");
    return [{ stack: found[1], depth: digits.length, make }];
  });
}

const TEMPLATES = Object.fromEntries(
  Object.keys(families).map((family) => [family, templatesOf(family as FamilyName)]),
);
const familyName = fc.constantFrom(...(Object.keys(families) as FamilyName[]));
const oneOf = <T>(items: readonly T[], index: number) => items[index % items.length];
const namesAt = (family: FamilyName, place: string) =>
  Object.entries(familyNames[family]).flatMap(([name, at]) => (at === place ? [name] : []));

test("every family has names of blocks to vary", () => {
  for (const [family, templates] of Object.entries(TEMPLATES))
    assert.ok(templates.length > 0, family);
});

test("a block's index is the number in its name, whatever it is and whatever is around", () => {
  const index = fc.oneof(fc.nat(100), fc.nat(1e9));
  const around = fc.constantFrom("", "module.", "base_model.model.", "0.auto_model.");
  holds(
    fc.property(familyName, fc.nat(), index, index, around, (family, which, i, j, prefix) => {
      const { stack, depth, make } = oneOf(TEMPLATES[family], which);
      const expected = { part: "block", index: [i, j].slice(0, depth), ...(stack && { stack }) };
      assert.equal(locate(families[family], prefix + make([i, j])), expected);
    }),
    1000,
  );
});

const conventions = fc.constantFrom<DecayConvention>(
  "beit",
  "paddle",
  "timm",
  "electra",
  "paddle-doc",
);
const rate = fc.double({ min: 0.5, max: 0.99, noNaN: true });
/** Families whose blocks are one plain list. */
const plainFamilies = (Object.keys(families) as FamilyName[]).filter((family) =>
  TEMPLATES[family].every(({ stack, depth }) => stack === undefined && depth === 1),
);

interface Network {
  readonly family: FamilyName;
  readonly which: number;
  /** Indices of the blocks that there are. */
  readonly blocks: readonly number[];
  readonly declared: number | null;
  readonly parts: readonly ("embedding" | "norm" | "head")[];
}

const network: fc.Arbitrary<Network> = fc
  .record({
    family: fc.constantFrom(...plainFamilies),
    which: fc.nat(),
    blocks: fc.uniqueArray(fc.nat(30), { minLength: 1, maxLength: 12 }),
    more: fc.option(fc.nat(5), { nil: null }),
    parts: fc.subarray(["embedding", "norm", "head"] as const),
  })
  .map(({ more, ...rest }) => {
    return { ...rest, declared: more === null ? null : Math.max(...rest.blocks) + 1 + more };
  });

/** The names of a network, each with its place: -1 for embeddings, i for block i, "norm", "head". */
function placesOf({
  family,
  which,
  blocks,
  parts,
}: Network): Map<string, number | "norm" | "head"> {
  const places = new Map<string, number | "norm" | "head">();
  for (const part of parts) {
    for (const name of namesAt(family, part)) places.set(name, part === "embedding" ? -1 : part);
  }
  for (const i of blocks) places.set(oneOf(TEMPLATES[family], which + i).make([i]), i);
  return places;
}

/** docs/semantics.md, "Layer decay". */
function exponentOf(
  place: number | "norm" | "head",
  convention: DecayConvention,
  n: number,
  places: Iterable<number | "norm" | "head">,
): number {
  if (convention === "timm") {
    const id = (at: number | "norm" | "head") =>
      at === "head" ? n + 1 : at === "norm" ? n : at + 1;
    return Math.max(...Array.from(places, id)) - id(place);
  }
  if (place === "norm" || place === "head") return 0;
  const gap = { beit: 0, paddle: 0, electra: 1, "paddle-doc": -1 }[convention];
  return n - place + gap;
}

const infosOf = (names: Iterable<string>) =>
  Array.from(names, (name) => ({ name, shape: [1], length: 1, group: "default" }));

test("scales are those of the table of conventions, in (0, 1], whatever the order of names", () => {
  const seed = fc.integer({ min: 1, max: 1e9 });
  holds(
    fc.property(network, conventions, rate, seed, (given, convention, of, order) => {
      const places = placesOf(given);
      const n = given.declared ?? Math.max(...given.blocks) + 1;
      const rule = layerDecay({
        rate: of,
        layerOf: families[given.family],
        convention,
        ...(given.declared === null ? {} : { layers: given.declared }),
      });
      for (const names of [[...places.keys()], shuffled([...places.keys()], order)]) {
        const table = rule.resolve(infosOf(names));
        assert.is(table.layers, n);
        assert.equal(table.unmatched, []);
        for (const [name, place] of places) {
          const scale = table.scaleOf(name);
          assert.is(scale, power(of, exponentOf(place, convention, n, places.values())), name);
          assert.ok(scale > 0 && scale <= 1);
          if (typeof place === "number") assert.is(table.layerOf(name), place + 1, name);
        }
      }
    }),
    300,
  );
});

test("in every family, of stages and stacks too, a higher layer has a higher scale", () => {
  const indices = fc.array(fc.tuple(fc.nat(), fc.nat(3), fc.nat(9)), {
    minLength: 2,
    maxLength: 12,
  });
  holds(
    fc.property(familyName, indices, conventions, rate, (family, blocks, convention, of) => {
      const made = blocks.map(([which, stage, block]) => {
        const { depth, make, stack } = oneOf(TEMPLATES[family], which);
        return { name: make(depth === 2 ? [stage, block] : [block]), stack };
      });
      const names = new Set([...made.map(({ name }) => name), ...namesAt(family, "embedding")]);
      const rule = layerDecay({ rate: of, layerOf: families[family], convention });
      const table = rule.resolve(infosOf(names));
      // Side by side, as CLIP's towers are, each stack has layers of its own.
      const together = families[family].chain !== undefined;
      for (const a of made) {
        for (const b of made.filter(({ stack }) => together || stack === a.stack)) {
          const [lower, higher] = [table.layerOf(a.name) ?? -1, table.layerOf(b.name) ?? -1];
          const [low, high] = [table.scaleOf(a.name), table.scaleOf(b.name)];
          assert.is(Math.sign(high - low), Math.sign(higher - lower), `${a.name}, ${b.name}`);
          assert.ok(low > 0 && low <= 1 && lower > 0);
        }
      }
    }),
    300,
  );
});

test("an optimizer's parameters get scale, floor and group's factor; unknown names the full rate", () => {
  const factor = fc.double({ min: 0, max: 2, noNaN: true });
  holds(
    fc.property(
      network,
      rate,
      factor,
      fc.double({ min: 0, max: 1, noNaN: true }),
      (given, of, lrScale, minScale) => {
        const names = [...placesOf(given).keys()];
        const rule = layerDecay({ rate: of, layerOf: families[given.family], minScale });
        const free = layerDecay({ rate: of, layerOf: families[given.family] });
        const unknown = "an unknown name";
        const all = [...names, unknown];
        const params = all.map((name) => ({ name, shape: [0] }));
        const optimizer = new AdamW([{ params, lrScale }], { lrScale: rule });
        const table = free.resolve(infosOf(all));
        for (const name of all) {
          const { lrScale: actual, layer } = optimizer.parameter(name);
          assert.is(actual, lrScale * Math.max(minScale, table.scaleOf(name)), name);
          assert.is(layer, table.layerOf(name));
        }
        assert.is(optimizer.parameter(unknown).layer, null);
        assert.equal(optimizer.describe().unmatched, [unknown]);
        optimizer.dispose();
      },
    ),
    150,
  );
});

test.run();
