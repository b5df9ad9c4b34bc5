import { type Command, EXIT } from "../command.ts";
import { compareLines } from "../compare/print.ts";
import { report } from "../compare/report.ts";
import { LedgerFile } from "../ledger-file.ts";
import { progressLine } from "../progress-line.ts";
import { readArguments } from "../read-arguments.ts";
import { readMost, TENSORS } from "../read-most.ts";

export const compare: Command = {
  name: "compare",
  summary: "at which step two recorded runs part, and which side is to blame",
  usage: `Usage: ashlar compare A B [--parameters N|all] [--json]

Compares the run ledgers of two runs: options, the state they begin from, then step by step the rates,
the gradients and the state. Of the first step that is not the same it says in which parameters, and
whether the gradients parted first (what computes them is to blame) or the optimizer did.

  --parameters N|all  how many rows to list (default ${TENSORS})
  --json              all of it as JSON

Exit code: 0 same, 1 different, 2 cannot tell.`,

  async run(args, terminal) {
    const { values, positionals } = readArguments(
      args,
      { parameters: { type: "string" }, json: { type: "boolean", default: false } },
      ["A", "B"],
    );
    const most = readMost(values.parameters, "--parameters");
    const [pathA, pathB] = positionals;
    let bytes = 0;
    let total = 0;
    const show = progressLine(terminal, `${pathA} and ${pathB}`);
    const onBytes = (count: number) => {
      bytes += count;
      if (total > 0) show({ bytes, total });
    };
    const a = await LedgerFile.open(pathA, onBytes);
    try {
      const b = await LedgerFile.open(pathB, onBytes);
      try {
        total = (a.size ?? 0) + (b.size ?? 0);
        const result = await report(a, b);
        terminal.status?.show("");
        if (values.json) terminal.printJson(result);
        else terminal.print(compareLines(result, most));
        if (result.same === null) return EXIT.failed;
        return result.same ? EXIT.ok : EXIT.no;
      } finally {
        await b.close();
      }
    } finally {
      await a.close();
    }
  },
};
