import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  AdamW,
  AdamWDL,
  type AshlarError,
  DecoupledAdamW,
  MindFormersAdamW,
} from "../src/index.ts";
import { disposable } from "../src/optimizers/disposable.ts";
import type { Optimizer } from "../src/optimizers/optimizer.ts";
import { liveMemories } from "./reference/live-memories.ts";

const test = suite("dispose");

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
const w = () => ({ w: new Float32Array(70_000) });

test("using disposes it at the end of the block", () => {
  let kept: AdamW;
  {
    using optimizer = new AdamW(w());
    kept = optimizer;
    assert.is(optimizer.step().step, 1);
  }
  assert.throws(
    () => kept.step(),
    (error: AshlarError) => error.code === "DISPOSED",
  );
});

test("all classes have Symbol.dispose, and disposing twice is fine", () => {
  const made: Optimizer[] = [
    new AdamW(w()),
    new AdamWDL({ parameters: w() }),
    new MindFormersAdamW(w()),
    new DecoupledAdamW(w()),
  ];
  for (const optimizer of made) {
    optimizer[Symbol.dispose]();
    optimizer[Symbol.dispose]();
    assert.throws(
      () => optimizer.step(),
      (error: AshlarError) => error.code === "DISPOSED",
    );
  }
});

test("an engine without the symbol gets no method of another name", () => {
  const prototype = { dispose() {} };
  disposable(prototype, undefined);
  assert.equal(Reflect.ownKeys(prototype), ["dispose"]);
});

test("a disposed optimizer that is still held holds no memory", async () => {
  const held: AdamW[] = [];
  const live = await liveMemories(collect, async () => {
    for (const options of [{}, { slabBytes: 2 ** 20 }, { threads: 2 }, { amsgrad: true }]) {
      const optimizer = await AdamW.create(w(), options);
      optimizer.step({ w: new Float32Array(70_000).fill(0.1) }, { metrics: true });
      optimizer.addParameters({ late: { shape: [70_000] } });
      optimizer.step();
      optimizer.parameter("w");
      optimizer.dispose();
      held.push(optimizer);
    }
  });
  assert.ok(live.made >= 10, `${live.made} made`);
  assert.is(live.left, 0);
  assert.equal(held[0].parameterNames, ["w", "late"]);
  assert.is(held[0].steps, 2);
});

test("one that is dropped without a word is collected", async () => {
  const { made, left } = await liveMemories(collect, async () => {
    (await AdamW.create(w())).step();
  });
  assert.ok(made > 0);
  assert.is(left, 0);
});

test("views that are held keep their memory, and only that", async () => {
  const views: Float32Array[] = [];
  const act = () => {
    const optimizer = new AdamW({ w: new Float32Array(4) });
    views.push(optimizer.parameter("w").master);
    optimizer.dispose();
  };
  const { left } = await liveMemories(collect, act, 1);
  // The view holds the buffer; the memory itself may go or stay with it.
  assert.ok(left <= 1);
  assert.equal([...views[0]], [0, 0, 0, 0]);
});

test.run();
