import { type Command, EXIT } from "../command.ts";
import { InputFile } from "../input-file.ts";
import { reportLines } from "../inspect/print.ts";
import { report } from "../inspect/report.ts";
import { progressLine } from "../progress-line.ts";
import { readArguments } from "../read-arguments.ts";
import { readMost, TENSORS } from "../read-most.ts";

export const inspect: Command = {
  name: "inspect",
  summary: "what a file holds, and whether it is sound",
  usage: `Usage: ashlar inspect FILE [--tensors N|all] [--json]

Says what a checkpoint or another safetensors file holds: the optimizer, its options and groups, and
of each tensor the norm, the range, the elements that are not finite and whether its CRC is right. Of
a damaged file it says what is wrong and shows what can still be read.

  --tensors N|all  how many tensors to list (default ${TENSORS}); those that are not well are always listed
  --json           all of it as JSON

Exit code: 0 sound, 1 damaged or no safetensors file, 2 cannot be read.`,

  async run(args, terminal) {
    const { values, positionals } = readArguments(
      args,
      { tensors: { type: "string" }, json: { type: "boolean", default: false } },
      ["FILE"],
    );
    const most = readMost(values.tensors);
    const input = await InputFile.open(positionals[0]);
    try {
      const result = await report(input, progressLine(terminal, positionals[0]));
      if (values.json) terminal.printJson(result);
      else terminal.print(reportLines(result, most));
      return result.sound ? EXIT.ok : EXIT.no;
    } finally {
      await input.close();
    }
  },
};
