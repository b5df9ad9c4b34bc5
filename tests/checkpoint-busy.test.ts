import { suite } from "uvu";
import * as assert from "uvu/assert";
import { AdamW, AshlarError, dynamicLossScale } from "../src/index.ts";
import { realistic } from "./reference/patterns.ts";
import { rejection } from "./reference/rejection.ts";

const test = suite("checkpoints: when they are refused");

const made = async () => {
  const optimizer = await AdamW.create({ w: { shape: [300_000] } });
  optimizer.gradient("w").set(realistic(300_000, 3));
  optimizer.step();
  return optimizer;
};

test("nothing changes the state while it is saved, and afterwards all goes on", async () => {
  const optimizer = await made();
  const digest = optimizer.digest();
  const target = new TransformStream<Uint8Array, Uint8Array>();
  const saving = optimizer.save(target.writable);
  const refused: [string, () => unknown][] = [
    ["step", () => optimizer.step()],
    ["accumulate", () => optimizer.accumulate({})],
    ["zeroGradients", () => optimizer.zeroGradients()],
    ["setWeights", () => optimizer.setWeights({ w: new Float32Array(300_000) })],
    ["dispose", () => optimizer.dispose()],
  ];
  for (const [name, call] of refused) {
    assert.throws(call, (error: unknown) => {
      assert.instance(error, AshlarError);
      assert.is((error as AshlarError).code, "BUSY");
      assert.match((error as Error).message, `${name}: expected no save to run`);
      return true;
    });
  }
  for (const call of [optimizer.stepAsync(() => 0), optimizer.toBytes()]) {
    assert.is(((await rejection(call)) as AshlarError).code, "BUSY");
  }
  assert.is(optimizer.digest(), digest, "it can be read");
  const file = new Uint8Array(await new Response(target.readable).arrayBuffer());
  await saving;
  assert.is((await AdamW.load(file)).digest(), digest);
  assert.ok(optimizer.step().applied);
});

test("a save within a step is refused, and so is one once disposed", async () => {
  const optimizer = await AdamW.create(
    { w: { shape: [2] } },
    {
      lr: () => {
        saves.push(optimizer.toBytes());
        return 1e-3;
      },
    },
  );
  const saves: Promise<unknown>[] = [];
  optimizer.step();
  const error = (await rejection(saves[0])) as AshlarError;
  assert.is(error.code, "BUSY");
  assert.match(error.message, "save: expected no step to run, got a call from within one");
  optimizer.dispose();
  assert.is(((await rejection(optimizer.toBlob())) as AshlarError).code, "DISPOSED");
});

test("a closure that begins a save has to await it", async () => {
  const optimizer = await made();
  const digest = optimizer.digest();
  const saves: Promise<Uint8Array>[] = [];
  const begin = () => {
    saves.push(optimizer.toBytes());
  };
  assert.throws(() => optimizer.step(begin), /step: expected no save to run/);
  const error = await rejection(
    optimizer.stepAsync(() => {
      begin();
    }),
  );
  assert.is((error as AshlarError).code, "BUSY");
  assert.is((await AdamW.load(await saves[0])).digest(), digest);
});

test("a poisoned optimizer is not saved; the last checkpoint goes on", async () => {
  const lossScale = dynamicLossScale({ initialScale: 2 });
  const make = () => ({ w: Float32Array.of(1, 2, 3) });
  const optimizer = await AdamW.create(make(), { lossScale });
  optimizer.step({ w: Float32Array.of(1, 1, 1) });
  const [file, digest] = [await optimizer.toBytes(), optimizer.digest()];
  // Called after the weights were written.
  lossScale.update = () => {
    throw new Error("broken");
  };
  const poisoned = (error: unknown) => (error as AshlarError).code === "POISONED";
  assert.throws(() => optimizer.step({ w: Float32Array.of(1, 1, 1) }), poisoned);
  assert.throws(() => optimizer.step({ w: Float32Array.of(1, 1, 1) }), poisoned);
  const error = await rejection(optimizer.toBytes());
  assert.ok(poisoned(error));
  assert.match(error.message, "save: expected whole state, got a failure inside step 2: broken");
  assert.match(error.message, "Load the last checkpoint");
  optimizer.dispose();
  const loaded = await AdamW.load(file);
  assert.is(loaded.digest(), digest);
  assert.ok(loaded.step({ w: Float32Array.of(1, 1, 1) }).applied);
});

test("a save that reading the caller's arrays begins is not written under", async () => {
  const make = () => AdamW.create({ w: { shape: [3] } });
  for (const call of ["accumulate", "setWeights"] as const) {
    const optimizer = await make();
    optimizer.accumulate({ w: Float32Array.of(1, 1, 1) });
    const digest = optimizer.digest();
    const saves: Promise<Uint8Array>[] = [];
    const trap = {
      get w() {
        saves.push(optimizer.toBytes());
        return Float32Array.of(2, 2, 2);
      },
    };
    assert.throws(() => optimizer[call](trap), new RegExp(`${call}: expected no save to run`));
    const loaded = await AdamW.load(await saves[0]);
    assert.is(loaded.digest(), digest);
    for (const each of [optimizer, loaded]) each.step();
    assert.is(loaded.digest(), optimizer.digest());
  }
});

test("a target that fails leaves the optimizer as it was", async () => {
  const optimizer = await made();
  const digest = optimizer.digest();
  const broken = new WritableStream({
    write() {
      throw new Error("the disk is gone");
    },
  });
  assert.match((await rejection(optimizer.save(broken))).message, "the disk is gone");
  assert.is(optimizer.digest(), digest);
  assert.ok(optimizer.step().applied);
});

test("weights that change under a save make it fail, not its file", async () => {
  const optimizer = await made();
  const target = new TransformStream<Uint8Array, Uint8Array>();
  const saving = rejection(optimizer.save(target.writable));
  const reader = target.readable.getReader();
  const end = (async () => {
    for (;;) {
      optimizer.parameter("w").master[299_999] += 1;
      if ((await reader.read()).done) return;
    }
  })().catch(() => undefined);
  const error = (await saving) as AshlarError & { reason?: string };
  await end;
  assert.is(error.reason, "CHANGED_WHILE_SAVED");
  assert.match(error.message, "param.w");
});

test("bad options of save are refused before the target is touched", async () => {
  const optimizer = await made();
  const cases: [unknown, RegExp][] = [
    [{ keep: -1 }, /"keep" of save: expected a whole number from 0/],
    [{ keep: "2" }, /"keep" of save/],
    [{ kept: 2 }, /"kept" of save: expected one of onProgress, keep/],
    [{ onProgress: 1 }, /"onProgress" of save: expected a function/],
  ];
  let opened = false;
  const target = new WritableStream({
    start() {
      opened = true;
    },
  });
  opened = false;
  for (const [options, message] of cases) {
    const error = await rejection(optimizer.save(target, options as never));
    assert.match(error.message, message);
  }
  assert.not(opened || target.locked);
});

test.run();
