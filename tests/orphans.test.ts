import { spawnSync } from "node:child_process";
import { suite } from "uvu";
import * as assert from "uvu/assert";

// Nothing is left of workers: no process stays alive for one, and none outlives its optimizer, however
// that came to its end. Each case is a process of its own, which counts its threads.

const test = suite("orphans");

const url = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);

/** Runs a program; it has AdamW, `team` and what is below, and must end by itself. */
function run(code: string): { lines: string[]; seconds: number } {
  const program = `
    import { readdirSync } from "node:fs";
    const { AdamW, clipByGlobalNorm } = await import(${url("../src/index.js")});
    const { FaultyTeam } = await import(${url("./reference/faulty-team.js")});
    const team = new FaultyTeam();
    const weights = () => ({ w: new Float32Array(300_000).fill(0.5) });
    const tried = async (act) => { try { return await act(); } catch (error) { return error.code ?? error.name; } };
    const left = async () => {
      const orphans = await team.orphans();
      const ports = process.getActiveResourcesInfo().filter((name) => /Message|Worker/.test(name));
      console.log(team.started, "started,", orphans, "left,", ports.length, "ports");
    };
    const fault = { kind: "spin", op: 0, skip: 1, write: false, pace: 0 };
    ${code}
  `;
  const start = performance.now();
  const { stdout, stderr, status, signal } = spawnSync(
    process.execPath,
    ["--input-type=module", "--eval", program],
    { encoding: "utf8", timeout: 60_000 },
  );
  assert.is(status, 0, `${signal} ${stdout} ${stderr}`);
  return { lines: stdout.trim().split("\n"), seconds: (performance.now() - start) / 1000 };
}

const FAIL = "while (typeof (await tried(() => optimizer.step())) !== 'string');";

test("a process with a lost worker ends by itself, also where nothing was disposed", () => {
  const { lines, seconds } = run(`
    team.use(fault);
    const optimizer = await AdamW.create(weights(), { threads: 3 });
    ${FAIL}
    console.log(await tried(() => optimizer.step()));
  `);
  assert.equal(lines, ["POISONED"]);
  assert.ok(seconds < 20, `${seconds} s`);
});

test("a process whose workers are asleep, spin or have nothing to do ends by itself", () => {
  for (const kind of ["none", "spin", "wait"]) {
    const { seconds } = run(`
      team.use({ ...fault, kind: "${kind}" });
      const optimizer = await AdamW.create(weights(), { threads: 3 });
      void optimizer.stepAsync(() => undefined).catch(() => undefined);
    `);
    assert.ok(seconds < 20, `${seconds} s`);
  }
});

test("an error ends all workers of its optimizer, dispose those of any", () => {
  const { lines } = run(`
    team.use(fault);
    const optimizer = await AdamW.create(weights(), { threads: 3 });
    ${FAIL}
    await left();
    team.use({ ...fault, kind: "throw", op: 2 });
    const kept = await AdamW.create(weights(), { threads: 3 });
    while ((await tried(() => kept.step())) !== "WORKER");
    await left();
    team.use(null);
    const whole = await AdamW.create(weights(), { threads: 3 });
    whole.dispose();
    await left();
  `);
  assert.equal(lines, [
    "2 started, 0 left, 0 ports",
    "4 started, 0 left, 0 ports",
    "6 started, 0 left, 0 ports",
  ]);
});

test("a refused create, a refused load and one that is broken off leave none", () => {
  const { lines } = run(`
    const bytes = await (await AdamW.create(weights())).toBytes();
    team.use(null);
    console.log(await tried(() => AdamW.create({ w: weights().w, b: Float32Array.of(1e6) },
      { threads: 3, precision: { model: "float16" } })));
    const damaged = bytes.slice();
    damaged[damaged.length - 5] ^= 1;
    console.log(await tried(() => AdamW.load(damaged, { threads: 3 })));
    console.log(await tried(() => AdamW.load(bytes.subarray(0, bytes.length / 2), { threads: 3 })));
    const broken = new ReadableStream({
      pull(controller) {
        if (this.at > 100_000) controller.error(new RangeError("the line went dead"));
        else controller.enqueue(bytes.slice(this.at, this.at + 65_536));
        this.at += 65_536;
      },
      start() { this.at = 0; },
    });
    console.log(await tried(() => AdamW.load(broken, { threads: 3 })));
    console.log(await tried(() => AdamW.load(bytes, { threads: 3, onProgress() { throw new TypeError("no"); } })));
    await left();
  `);
  const codes = lines.slice(0, -1);
  assert.is(codes.length, 5);
  for (const code of codes) assert.match(code, /^[A-Z]\w+$/);
  assert.match(lines.at(-1) ?? "", /^\d+ started, 0 left, 0 ports$/);
  assert.ok(Number.parseInt(lines.at(-1) ?? "", 10) >= 4, lines.at(-1));
});

test.run();
