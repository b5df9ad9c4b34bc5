import { type Command, EXIT } from "../command.ts";
import { openLedger } from "../ledger-file.ts";
import { progressLine } from "../progress-line.ts";
import { readArguments } from "../read-arguments.ts";
import { verifyLines } from "../verify/print.ts";
import { report } from "../verify/report.ts";

export const verify: Command = {
  name: "verify",
  summary: "runs a recorded run again, and confirms every line",
  usage: `Usage: ashlar verify RUN [--gradients MODULE] [--start CHECKPOINT] [--recorded-lr] [--json]

Runs a recorded run again, from the checkpoint of before its first step and with its gradients, and
compares every line of its ledger: rates, gradients, state, and the digest at the end. Says which line
is not the same, in which parameters and on which side.

  --gradients MODULE    a JavaScript module that gives the gradients, in place of the recorded ones:
                        export default (step, name) => Float32Array | null, of steps from 0
  --start CHECKPOINT    begin with this, in place of the checkpoint that the ledger names
  --recorded-lr         take the learning rates from the ledger, where they were assigned on the way,
                        or a function or a metric made them; they are then not verified
  --json                all of it as JSON

Exit code: 0 confirmed, 1 different, 2 cannot tell.`,

  async run(args, terminal) {
    const { values, positionals } = readArguments(
      args,
      {
        gradients: { type: "string" },
        start: { type: "string" },
        "recorded-lr": { type: "boolean", default: false },
        json: { type: "boolean", default: false },
      },
      ["RUN"],
    );
    const input = await openLedger(positionals[0]);
    try {
      const show = progressLine(terminal, positionals[0]);
      let bytes = 0;
      const { gradients, start, "recorded-lr": recordedLr } = values;
      const result = await report(input, { gradients, start, recordedLr }, (count) => {
        bytes += count;
        if (input.size !== null) show({ bytes, total: input.size });
      });
      terminal.status?.show("");
      if (values.json) terminal.printJson(result);
      else terminal.print(verifyLines(result));
      if (result.same === null) return EXIT.failed;
      return result.same ? EXIT.ok : EXIT.no;
    } finally {
      await input.close();
    }
  },
};
