import { parseArgs } from "node:util";
import { SUITES } from "./suites/all.ts";

export interface Flags {
  /** Names of suites; all of them by default. */
  readonly suites: readonly string[];
  readonly json: boolean;
  readonly quick: boolean;
  readonly rivals: boolean;
  /** Where results go; undefined: nowhere. */
  readonly out: string | undefined;
  readonly writeDocs: boolean;
  readonly help: boolean;
}

/** The command line is wrong; the message is for the user. */
export class FlagError extends Error {}

export const RESULTS = "bench/results";

export const USAGE = `Times ashlar beside its rivals, in turns, and judges the ratios.

  npm run bench -- [suite ...] [options]

  --quick       fewer sizes and rounds: a look, not a measurement
  --no-rivals   ashlar and the rooflines alone
  --json        the results as JSON on stdout, instead of tables
  --out DIR     where results and drawings go (default: ${RESULTS} if everything runs,
                else nowhere)
  --write-docs  runs nothing: fills the tables of docs/performance.md and draws the
                drawings from ${RESULTS}
  --help        show this

suites: ${SUITES.map(({ name }) => name).join(" ")}

  CC                    the C compiler, if not cc, gcc or clang
  ASHLAR_BENCH_PYTHON   a Python that has PyTorch, if not python3`;

/** @throws FlagError */
export function readFlags(args: readonly string[]): Flags {
  const { values, positionals } = parse(args);
  for (const name of positionals) {
    if (SUITES.some((suite) => suite.name === name)) continue;
    throw new FlagError(
      `no suite "${name}"; there are ${SUITES.map((one) => one.name).join(", ")}`,
    );
  }
  const { quick, json, help, out } = values;
  const rivals = !values["no-rivals"];
  return {
    suites: positionals.length > 0 ? positionals : SUITES.map(({ name }) => name),
    json,
    quick,
    rivals,
    // Parts and looks must not replace the measurement that the docs show.
    out: out ?? (positionals.length > 0 || quick || !rivals ? undefined : RESULTS),
    writeDocs: values["write-docs"],
    help,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        json: { type: "boolean", default: false },
        quick: { type: "boolean", default: false },
        "no-rivals": { type: "boolean", default: false },
        out: { type: "string" },
        "write-docs": { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    throw new FlagError((error as Error).message.split(/\.\s|\n/)[0]);
  }
}
