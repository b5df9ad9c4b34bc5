import { quoted } from "../../state/files/file-error.ts";
import type { FileSystem } from "../../state/files/file-system.ts";
import { nodeFileSystem } from "../../state/files/node-file-system.ts";
import { statusOrNull } from "../../state/files/save-place.ts";
import { openTarget } from "../../state/targets/open-target.ts";
import { type Command, EXIT } from "../command.ts";
import { planConversion, writeConversion } from "../convert/convert-file.ts";
import { doneData, doneLines, lossLines, TARGETS, type TargetName } from "../convert/print.ts";
import { onInterrupt } from "../interrupt.ts";
import { progressLine } from "../progress-line.ts";
import { readArguments } from "../read-arguments.ts";
import { TensorFile } from "../tensor-file.ts";
import { ToolError, UsageError } from "../tool-error.ts";

export const convert: Command = {
  name: "convert",
  summary: "writes the weights of a file in another dtype",
  usage: `Usage: ashlar convert FILE OUT --to float32|float16|bfloat16 [--weights] [--force] [--json]

Writes the weights of a checkpoint (its float32 masters, by the names of the parameters) or of another
safetensors file to a file of weights, rounded to nearest, ties to even. Says on stderr how many
elements became infinite or 0. Tensors that are no floats of 16, 32 or 64 bits are copied as they are.

  --to DTYPE  float32, float16 or bfloat16
  --weights   leaves out tensors that are no such floats
  --force     replaces OUT if it exists
  --json      what was written and lost as JSON

Exit code: 0 written, 2 not written.`,

  async run(args, terminal) {
    const { values, positionals } = readArguments(
      args,
      {
        to: { type: "string" },
        weights: { type: "boolean", default: false },
        force: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
      },
      ["FILE", "OUT"],
    );
    const to = readTarget(values.to);
    const [path, out] = positionals;
    const checkFree = async () => {
      if (!values.force) await refuseExisting(out);
    };
    await checkFree();
    const file = await TensorFile.open(path);
    try {
      const plan = planConversion(file, TARGETS[to], values.weights);
      const opening = openTarget(out);
      // At once: its file is there before it is open.
      const off = onInterrupt(async () => (await opening).abort("interrupted"));
      const sink = await opening.catch((error) => {
        off();
        throw error;
      });
      try {
        const losses = await writeConversion(file, plan, sink, progressLine(terminal, out));
        await file.close();
        await checkFree();
        await sink.close();
        if (values.json) terminal.printJson(doneData(out, to, plan, losses));
        else {
          terminal.warn(lossLines(to, losses));
          terminal.print(doneLines(out, to, plan));
        }
      } catch (error) {
        await sink.abort(error);
        throw error;
      } finally {
        off();
      }
      return EXIT.ok;
    } finally {
      await file.close();
    }
  },
};

function readTarget(to: string | undefined): TargetName {
  const expected = Object.keys(TARGETS).join(", ");
  if (to === undefined) throw new UsageError(`expected --to with one of ${expected}, got none`);
  if (Object.hasOwn(TARGETS, to)) return to as TargetName;
  throw new UsageError(`--to: expected one of ${expected}, got "${to}"`);
}

async function refuseExisting(out: string): Promise<void> {
  const status = await statusOrNull(nodeFileSystem() as FileSystem, out);
  if (status) throw new ToolError(`${quoted(out)} exists: --force replaces it`);
}
