import type { Case, Measured, SuiteResult } from "./result.ts";
import { MILLISECONDS } from "./result.ts";
import { spreadOf } from "./statistics.ts";
import { markdownTable, significant } from "./table.ts";

// Where the time of a step of TensorFlow.js goes, by place and backend: the table of docs/tfjs.md.

export const BACKENDS_SUITE = "tfjs-backends";
export const PARTS = ["total", "download", "ashlar", "upload", "adam"] as const;
export type Part = (typeof PARTS)[number];

/** What `timeSteps` gives. */
export type PartTimes = Readonly<Record<Part, readonly number[]>> & { readonly parameters: number };

const NAMES: Record<Part, string> = {
  total: "tfjs.adamW, the whole step",
  download: "gradients from the backend",
  ashlar: "ashlar",
  upload: "weights to the backend",
  adam: "tf.train.adam",
};

/** A case from the times of one backend at one place. */
export function backendCase(place: string, backend: string, times: PartTimes | string): Case {
  const about = { name: `${place}, ${backend}`, place: "cache", unit: MILLISECONDS } as const;
  const title = `one step, ${backend} backend, ${place}`;
  if (typeof times === "string") {
    const notRun = [{ name: backend, why: times }];
    return { ...about, title, parameters: 0, measured: [], notRun };
  }
  const measured = PARTS.map((part): Measured => ({ name: NAMES[part], rounds: times[part] }));
  return { ...about, title, parameters: times.parameters, measured, notRun: [] };
}

/** Lines of Markdown: a row for each case that ran, what did not, and how busy the machine was. */
export function backendLines({ cases, machine }: SuiteResult): string[] {
  const columns = [
    { title: "where", align: "left" } as const,
    ...PARTS.map((part) => ({ title: NAMES[part], align: "right" }) as const),
  ];
  const ran = cases.filter(({ measured }) => measured.length > 0);
  const rows = ran.map(({ name, measured }) => [
    name,
    ...PARTS.map((part) => {
      const found = measured.find((one) => one.name === NAMES[part]);
      return found ? significant(spreadOf(found.rounds).median) : "-";
    }),
  ]);
  const missing = cases.flatMap(({ name, notRun }) => notRun.map(({ why }) => `${name}: ${why}`));
  const load = `${machine.cores} cores, ${machine.load} processes that wanted to run at the start.`;
  const lines = [...markdownTable(columns, rows), "", load];
  return missing.length === 0 ? lines : [...lines, "", `Not run: ${missing.join("; ")}.`];
}

const BEGIN = `<!-- bench:${BACKENDS_SUITE} -->\n`;
const END = `<!-- /bench:${BACKENDS_SUITE} -->`;

/** The text with the table between its marks. @throws Error where there are none */
export function withBackends(text: string, result: SuiteResult): string {
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`docs: expected ${BEGIN.trim()}, got none`);
  return `${text.slice(0, begin + BEGIN.length)}${backendLines(result).join("\n")}\n${text.slice(end)}`;
}
