import { spawnSync } from "node:child_process";
import { suite } from "uvu";
import * as assert from "uvu/assert";

// How the core for engines without SIMD is chosen; that its bits are the same is what the files of
// tests/without-simd/ say.

const test = suite("without SIMD");

const run = (code: string) =>
  spawnSync(process.execPath, ["--input-type=module", "--eval", code], {
    encoding: "utf8",
  });
const INDEX = new URL("../src/index.js", import.meta.url).href;

test("it is what an engine without SIMD takes by itself, and says so", () => {
  const { stdout, stderr } = run(`
    const validate = WebAssembly.validate;
    WebAssembly.validate = (bytes) => bytes.length > 60 && validate(bytes);
    const { AdamW, coreInfo, ready } = await import(${JSON.stringify(INDEX)});
    await ready();
    const optimizer = new AdamW({ w: new Float32Array(10).fill(1) });
    optimizer.step({ w: new Float32Array(10).fill(0.5) });
    console.log(coreInfo().kernel, coreInfo().sha256.length, optimizer.digest());
  `);
  const simd = run(`
    const { AdamW, coreInfo } = await import(${JSON.stringify(INDEX)});
    const optimizer = new AdamW({ w: new Float32Array(10).fill(1) });
    optimizer.step({ w: new Float32Array(10).fill(0.5) });
    console.log(coreInfo().kernel, coreInfo().sha256.length, optimizer.digest());
  `);
  assert.match(stdout, /^scalar 64 [0-9a-f]{64}\n$/, stderr);
  assert.is(simd.stdout, stdout.replace("scalar", "simd"), simd.stderr);
});

test("without ready() a constructor says that it must come first", () => {
  const { stdout, stderr } = run(`
    WebAssembly.validate = () => false;
    const { AdamW } = await import(${JSON.stringify(INDEX)});
    try {
      new AdamW({ w: new Float32Array(10) });
    } catch ({ code, message }) {
      console.log(code, message);
    }
  `);
  assert.match(
    stdout,
    /^NOT_READY the core: expected to be compiled, got: .*Await ready\(\)/,
    stderr,
  );
});

test("the choice comes first, and is one of two", () => {
  const { stdout, stderr } = run(`
    const { ready } = await import(${JSON.stringify(INDEX)});
    const say = ({ name, code, message }) => console.log(code ?? name, message);
    await ready({ kernel: "vector" }).catch(say);
    await ready({ kernle: "scalar" }).catch(say);
    await ready({ module: new Uint8Array(3) }).catch(say);
    await ready();
    await ready({ kernel: "scalar" }).catch(say);
    await ready({ kernel: "simd" });
  `);
  const [value, key, module, late] = stdout.trim().split("\n");
  assert.match(value, /^RangeError "kernel" of ready: expected "simd" or "scalar", got "vector"/);
  assert.match(key, /kernle/);
  assert.match(
    module,
    /^TypeError "module" of ready: expected a WebAssembly.Module, got Uint8Array/,
  );
  assert.match(late, /^BAD_CORE "kernel" of ready: expected simd, .*got scalar/, stderr);
});

test.run();
