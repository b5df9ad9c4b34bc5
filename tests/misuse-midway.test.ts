import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamW, AshlarError, type Optimizer, type ParameterInfo } from "../src/index.ts";
import { assertOwnCases, type Wrong } from "./reference/bad-input.ts";
import { errorOf } from "./reference/misuse.ts";

// P21, re-entrancy: getters of what a call is given, and rules, are the caller's code. They run before
// the call writes anything; whatever they did to the optimizer is noticed then.

const test = suite("misuse: the optimizer changes while a call reads");

const ones = () => Float32Array.of(1, 1, 1, 1);

/** An optimizer whose rule runs `asked.rule` for each new parameter. */
function made(): { optimizer: AdamW; asked: { rule: (() => void) | null } } {
  const asked: { rule: (() => void) | null } = { rule: null };
  const decays = ({ name }: ParameterInfo) => {
    if (name === "late") asked.rule?.();
    return true;
  };
  const optimizer = new AdamW({ w: Float32Array.of(1, 2, 3, 4) }, { decays });
  optimizer.step({ w: ones() });
  return { optimizer, asked };
}

/** Calls that run the caller's code midway, and how messages call them. */
const CALLS: [
  call: string,
  told: string,
  act: (o: AdamW, asked: Wrong, midway: () => void) => unknown,
][] = [
  ["accumulate", "accumulate", (o, _, midway) => o.accumulate(reading(midway))],
  ["setWeights", "setWeights", (o, _, midway) => o.setWeights(reading(midway))],
  [
    "addParameters, by a getter",
    "adding parameters",
    (o, _, midway) =>
      o.addParameters({
        get v() {
          midway();
          return ones();
        },
      }),
  ],
  [
    "addParameters, by a rule",
    "adding parameters",
    (o, asked, midway) => {
      asked.rule = midway;
      o.addParameters({ late: ones() });
    },
  ],
  [
    "addGroup, by a rule",
    "adding parameters",
    (o, asked, midway) => {
      asked.rule = midway;
      o.addGroup({ params: { late: ones() }, name: "late" });
    },
  ],
];

function reading(midway: () => void): { readonly w: Float32Array } {
  return {
    get w() {
      midway();
      return ones();
    },
  };
}

test("each row is its own case", () => assertOwnCases(CALLS));

for (const [call, told, act] of CALLS) {
  test(`${call}: what it reads disposes the optimizer`, async () => {
    const { optimizer, asked } = made();
    const error = await errorOf(() => act(optimizer, asked, () => optimizer.dispose()));
    assert.is(error.message, "the AdamW optimizer: expected to be in use, got disposed");
    assert.is(error.code, "DISPOSED");
    const after = await errorOf(() => optimizer.bytes);
    assert.is(after.code, "DISPOSED", "and it stays so");
  });

  test(`${call}: what it reads begins a save`, async () => {
    const { optimizer, asked } = made();
    const before = optimizer.digest();
    const saves: Promise<Uint8Array>[] = [];
    const error = await errorOf(() =>
      act(optimizer, asked, () => {
        saves.push(optimizer.toBytes());
      }),
    );
    assert.is(
      error.message,
      `${told}: expected no save to run, got a call before it was done. Await save() first`,
    );
    assert.is(error.constructor, AshlarError);
    assert.equal(optimizer.parameterNames, ["w"]);
    const loaded = await AdamW.load(await saves[0], { decays: () => true });
    assert.is(loaded.digest(), before);
    assert.is(optimizer.digest(), before);
    goesOn(optimizer);
  });

  test(`${call}: what it reads steps; the call comes after that`, async () => {
    const [{ optimizer, asked }, plain] = [made(), made()];
    await act(optimizer, asked, () => optimizer.step({ w: ones() }));
    plain.optimizer.step({ w: ones() });
    await act(plain.optimizer, plain.asked, () => {});
    assert.is(optimizer.steps, 2);
    assert.is(optimizer.digest(), plain.optimizer.digest());
    // Sums of micro-batches that wait, or not.
    for (const each of [optimizer, plain.optimizer]) each.step();
    assert.is(optimizer.digest(), plain.optimizer.digest());
  });

  if (call === "addParameters, by a getter") continue;
  test(`${call}: what it reads adds parameters`, async () => {
    const [{ optimizer, asked }, plain] = [made(), made()];
    const error = await errorOf(() =>
      act(optimizer, asked, () => optimizer.addParameters({ between: ones() })),
    );
    assert.is(
      error.message,
      `${told}: expected the parameters to stay as they are until it is done, got more of them`,
    );
    assert.is(error.code, "BUSY");
    plain.optimizer.addParameters({ between: ones() });
    assert.equal(optimizer.parameterNames, ["w", "between"]);
    assert.is(optimizer.digest(), plain.optimizer.digest(), "those are there, and nothing else");
    goesOn(optimizer);
  });
}

function goesOn(optimizer: Optimizer): void {
  const { steps } = optimizer;
  assert.is(optimizer.step({ w: ones() }).step, steps + 1);
  optimizer.dispose();
}

test("addParameters: its getter may add others first", () => {
  const { optimizer } = made();
  optimizer.addParameters({
    get late() {
      optimizer.addParameters({ between: ones() });
      return ones();
    },
  });
  assert.equal(optimizer.parameterNames, ["w", "between", "late"]);
  goesOn(optimizer);
});

test("copyTo: targets whose getter disposes get nothing", async () => {
  const { optimizer } = made();
  const target = new Float32Array(4).fill(7);
  const targets = {
    get w() {
      optimizer.dispose();
      return target;
    },
  };
  const error = await errorOf(() => optimizer.copyTo(targets));
  assert.is(error.message, "the AdamW optimizer: expected to be in use, got disposed");
  assert.equal([...target], [7, 7, 7, 7]);
});

test("copyTo: targets whose getter adds parameters and steps get the weights after that", () => {
  const { optimizer } = made();
  const target = new Float32Array(4);
  optimizer.copyTo({
    get w() {
      optimizer.addParameters({ between: ones() });
      optimizer.step({ w: ones() });
      return target;
    },
  });
  assert.equal([...target], [...optimizer.parameter("w").master]);
});

/** A list of rows that says another one the second time it is asked. */
const CHANGING: [why: string, rows: () => Wrong][] = [
  [
    "a getter",
    () => {
      let asked = 0;
      return Object.defineProperty([0], 0, { get: () => (asked++ === 0 ? 1 : 1_000_000) });
    },
  ],
  [
    "a Proxy",
    () => {
      let asked = 0;
      const get = (target: Wrong, key: string) =>
        key === "0" ? (asked++ === 0 ? 1 : 1_000_000) : target[key];
      return new Proxy([0], { get });
    },
  ],
];

for (const [why, rows] of CHANGING) {
  for (const lazy of [true, false]) {
    for (const call of ["step", "accumulate"] as const) {
      test(`${call}${lazy ? ", lazily" : ""}: rows that ${why} changes are read once`, () => {
        const make = () => new AdamW({ table: { shape: [2, 2] }, beside: ones() }, { lazy });
        const [changing, plain] = [make(), make()];
        const values = Float32Array.of(1, 2);
        changing[call]({ table: { rows: rows(), values } });
        plain[call]({ table: { rows: [1], values } });
        if (call === "accumulate") for (const each of [changing, plain]) each.step();
        assert.is(changing.digest(), plain.digest());
      });
    }
  }
}

/** What reads throw when the caller's objects do: their own errors, and nothing has changed. */
const THROWING: [why: string, act: (o: AdamW, fail: () => never) => unknown][] = [
  ["gradients of accumulate", (o, fail) => o.accumulate(reading(fail))],
  ["weights", (o, fail) => o.setWeights(reading(fail))],
  ["targets", (o, fail) => o.copyTo(reading(fail))],
  [
    "rows",
    (o, fail) =>
      o.step({
        w: {
          get rows() {
            return fail();
          },
          values: ones(),
        },
      }),
  ],
  [
    "options of a step",
    (o, fail) =>
      o.step(undefined, {
        get metrics() {
          return fail();
        },
      }),
  ],
  [
    "options of accumulate",
    (o, fail) =>
      o.accumulate(
        { w: ones() },
        {
          get average() {
            return fail();
          },
        },
      ),
  ],
  [
    "options of save",
    (o, fail) =>
      o.toBytes({
        get onProgress() {
          return fail();
        },
      }),
  ],
  [
    "parameters that are iterated over",
    (o, fail) =>
      o.addParameters(
        (function* () {
          yield { name: "v", shape: [1] };
          fail();
        })(),
      ),
  ],
  [
    "a group",
    (o, fail) =>
      o.addGroup({
        params: { v: ones() },
        get lr() {
          return fail();
        },
      }),
  ],
  ["a closure", (o, fail) => o.step(fail)],
  ["a closure of stepAsync", (o, fail) => o.stepAsync(async () => fail())],
  ["the name of a class, in a message", (o, fail) => o.step({ w: classThat(fail) as Wrong })],
];

function classThat(fail: () => never): object {
  return {
    get constructor() {
      return fail();
    },
  };
}

test("each throwing row is its own case", () => assertOwnCases(THROWING));

for (const [why, act] of THROWING) {
  test(`an error of the caller's own comes through, and nothing has changed: ${why}`, async () => {
    const { optimizer } = made();
    const before = [optimizer.digest(), optimizer.configDigest(), optimizer.steps];
    const own = new Error("of the caller's own");
    const error = await errorOf(() =>
      act(optimizer, () => {
        throw own;
      }),
    );
    assert.is(error, own);
    assert.equal([optimizer.digest(), optimizer.configDigest(), optimizer.steps], before);
    goesOn(optimizer);
  });
}

test.run();
