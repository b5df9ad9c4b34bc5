import type { AdamW } from "../../src/index.ts";

/** What is refused of a disposed optimizer, whatever else is wrong with the call. */
export const AFTER_DISPOSAL: Readonly<
  Record<string, (optimizer: AdamW, parameter: string) => unknown>
> = {
  step: (optimizer) => optimizer.step(),
  stepAsync: (optimizer) => optimizer.stepAsync(() => 1),
  parameter: (optimizer, name) => optimizer.parameter(name),
  gradient: (optimizer, name) => optimizer.gradient(name),
  accumulate: (optimizer) => optimizer.accumulate({}),
  setWeights: (optimizer) => optimizer.setWeights({}),
  copyTo: (optimizer) => optimizer.copyTo({}),
  zeroGradients: (optimizer) => optimizer.zeroGradients(),
  digest: (optimizer) => optimizer.digest(),
  toBytes: (optimizer) => optimizer.toBytes(),
  addParameters: (optimizer) => optimizer.addParameters({}, { group: "not there" }),
  addGroup: (optimizer) => optimizer.addGroup({ params: {} }),
};
