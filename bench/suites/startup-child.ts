import { fillGradients } from "../harness/data.ts";
import { MODEL_PARAMETERS, type Startup } from "./startup-figures.ts";

// A process that starts once and prints its times as JSON. With "touch" the pages of memory are
// written to when the optimizer is created, not by the first step.

const touchPages = process.argv[2] === "touch";

async function start(): Promise<Startup> {
  const gradient = new Float32Array(MODEL_PARAMETERS);
  fillGradients(gradient);
  const marks = [performance.now()];
  const mark = () => marks.push(performance.now());
  const { AdamW, ready } = await import("../../src/index.ts");
  mark();
  await ready();
  mark();
  const optimizer = await AdamW.create({ w: { shape: [MODEL_PARAMETERS] } }, { touchPages });
  mark();
  optimizer.gradient("w").set(gradient);
  const steps = Array.from({ length: 110 }, () => {
    const begin = performance.now();
    optimizer.step();
    return performance.now() - begin;
  });
  const nearHundred = steps.slice(89).sort((a, b) => a - b);
  optimizer.dispose();
  return {
    import: marks[1] - marks[0],
    compile: marks[2] - marks[1],
    create: marks[3] - marks[2],
    firstStep: steps[0],
    secondStep: steps[1],
    // One step alone would be noise: the median of the twenty around it.
    hundredthStep: nearHundred[10],
  };
}

console.log(JSON.stringify(await start()));
