import { Bench } from "tinybench";
import { PlainAdamW } from "../examples/language-detector/plain-adamw.ts";
import { AdamW, type AdamWOptions } from "../src/index.ts";

// One optimizer step against the best plain JavaScript loop, in the same run: npm run bench

const VARIANTS: Record<string, AdamWOptions> = {
  float32: {},
  'float32, nonFinite: "allow"': { nonFinite: "allow" },
  "float32, gradNorm": { gradNorm: true },
  amsgrad: { amsgrad: true },
  "float16 model copy": { precision: { model: "float16" } },
  "bfloat16 model copy": { precision: { model: "bfloat16" } },
};
const PLAIN = "plain JavaScript";

/** Gradients away from zero, so that no moment drifts into subnormals. */
const gradientsOf = (length: number) =>
  Float32Array.from({ length }, (_, i) => 0.001 * (1 + ((i * 7919) % 251)) * (i % 2 ? -1 : 1));

async function measure(length: number) {
  const bench = new Bench({ time: 400, warmupTime: 200 });
  const gradient = gradientsOf(length);
  for (const [name, options] of Object.entries(VARIANTS)) {
    const optimizer = await AdamW.create({ w: new Float32Array(length).fill(0.5) }, options);
    optimizer.gradient("w").set(gradient);
    bench.add(name, () => {
      optimizer.step();
    });
  }
  const plain = new PlainAdamW({ precision: "float32", beta1: 0.9, beta2: 0.999, eps: 1e-8 });
  const parameter = plain.add(new Float32Array(length).fill(0.5), 0.01);
  bench.add(PLAIN, () => {
    plain.begin();
    plain.update(parameter, gradient, 1e-3);
  });
  await bench.run();
  return bench.tasks.map(({ name, result }) => {
    if (!("latency" in result)) throw new Error(`${name}: ${result.state}`);
    return { name, nanoseconds: (result.latency.p50 * 1e6) / length };
  });
}

for (const length of [16_384, 1_048_576]) {
  const results = await measure(length);
  const plain = results.find(({ name }) => name === PLAIN)?.nanoseconds ?? Number.NaN;
  console.log(`\n${length} parameters, one thread, Node ${process.version}: median of a step`);
  console.table(
    Object.fromEntries(
      results.map(({ name, nanoseconds }) => [
        name,
        {
          "ns per parameter": Number(nanoseconds.toFixed(3)),
          "times as fast as plain JavaScript": Number((plain / nanoseconds).toFixed(2)),
        },
      ]),
    ),
  );
}
