import { AdamW, adamw } from "../../src/index.ts";
import { runCase } from "../harness/case.ts";
import type { Contender, Entry } from "../harness/contender.ts";
import type { Context } from "../harness/context.ts";
import { fillGradients, fillWeights } from "../harness/data.ts";
import { MANY, ONE_TENSOR } from "../report/names.ts";
import type { Case } from "../report/result.ts";
import { NANOSECONDS } from "../report/result.ts";
import { ashlar } from "../rivals/ashlar.ts";
import { plainMany } from "../rivals/plain.ts";
import { torch } from "../rivals/torch.ts";
import { BERT_BASE, BERT_TINY, type BertShape, bertShapes, sizeOf } from "./bert.ts";
import type { Suite } from "./suite.ts";

async function openMany(shapes: Readonly<Record<string, number[]>>): Promise<Contender> {
  const parameters = Object.entries(shapes).map(([name, shape]) => ({ name, shape }));
  const optimizer = await AdamW.create(parameters, { nonFinite: "allow" });
  for (const name of optimizer.parameterNames) {
    fillWeights(optimizer.parameter(name).master);
    fillGradients(optimizer.gradient(name));
  }
  const step = () => {
    optimizer.step();
  };
  checkFirstStep(optimizer, step);
  const per = parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return { name: MANY, per, step, close: () => optimizer.dispose() };
}

/** Every tensor's first elements have the bits of the functional form. @throws Error */
function checkFirstStep(optimizer: AdamW, step: () => void): void {
  const head = (from: Float32Array) => from.slice(0, 256);
  const expected = optimizer.parameterNames.map((name) => {
    const p = head(optimizer.parameter(name).master);
    const [m, v] = [new Float32Array(p.length), new Float32Array(p.length)];
    adamw([p], [head(optimizer.gradient(name))], [m], [v], [], [1], {});
    return { name, p };
  });
  step();
  for (const { name, p } of expected) {
    const got = head(optimizer.parameter(name).master);
    const wrong = got.findIndex((weight, i) => weight !== p[i]);
    if (wrong >= 0) throw new Error(`${name}[${wrong}]: expected ${p[wrong]}, got ${got[wrong]}`);
  }
}

async function runModel(context: Context, name: string, model: BertShape): Promise<Case> {
  const shapes = bertShapes(model);
  const lengths = Object.values(shapes).map(sizeOf);
  const parameters = lengths.reduce((sum, length) => sum + length, 0);
  const ours: Entry[] = [
    ashlar({ name: ONE_TENSOR, length: parameters, options: { nonFinite: "allow" } }),
    { name: MANY, bytes: 16 * parameters, mustRun: true, open: () => openMany(shapes) },
  ];
  const rivals = [plainMany(lengths), ...torch(context.python, lengths)];
  const entries = context.rivals ? [...ours, ...rivals] : ours;
  const title = `${name}: ${lengths.length} tensors, ${(parameters / 1e6).toFixed(1)} million parameters`;
  return runCase(context, { name, title, parameters, unit: NANOSECONDS, entries });
}

export const many: Suite = {
  name: "many",
  title: "199 tensors by name, the kernel alone",
  cores: "one",
  async run(context) {
    const small = await runModel(context, "BERT, 64 wide", BERT_TINY);
    return context.quick ? [small] : [small, await runModel(context, "BERT-base", BERT_BASE)];
  },
};
