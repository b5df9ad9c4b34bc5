import { type Command, EXIT } from "../command.ts";
import { diffLines } from "../diff/print.ts";
import { report } from "../diff/report.ts";
import { progressLine } from "../progress-line.ts";
import { readArguments } from "../read-arguments.ts";
import { readMost, TENSORS } from "../read-most.ts";
import { TensorFile } from "../tensor-file.ts";

export const diff: Command = {
  name: "diff",
  summary: "what two files have that is not the same",
  usage: `Usage: ashlar diff A B [--tensors N|all] [--json]

Compares two checkpoints or other safetensors files: tensors bit by bit, by their names, and what is
said of them. Of each tensor that differs: how many elements, the largest absolute difference |a - b|
and relative one |a - b| / max(|a|, |b|), and the first element that differs. Of a checkpoint beside a
file of weights, it compares the weights.

  --tensors N|all  how many rows to list (default ${TENSORS})
  --json           all of it as JSON

Exit code: 0 same, 1 different, 2 cannot tell.`,

  async run(args, terminal) {
    const { values, positionals } = readArguments(
      args,
      { tensors: { type: "string" }, json: { type: "boolean", default: false } },
      ["A", "B"],
    );
    const most = readMost(values.tensors);
    const [pathA, pathB] = positionals;
    const a = await TensorFile.open(pathA);
    try {
      const b = await TensorFile.open(pathB);
      try {
        const result = await report(a, b, progressLine(terminal, `${pathA} and ${pathB}`));
        if (values.json) terminal.printJson(result);
        else terminal.print(diffLines(result, most));
        return result.same ? EXIT.ok : EXIT.no;
      } finally {
        await b.close();
      }
    } finally {
      await a.close();
    }
  },
};
