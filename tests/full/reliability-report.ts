import { PROMISES, type Promised } from "./promises.ts";

/** What a program said of a promise, by promised() or the same line of a script. */
export interface Claim {
  readonly promise: string;
  readonly cases: string;
  readonly result: string;
}

/** How a program of the full run ended. */
export interface ProgramOutcome {
  readonly name: string;
  /** The command that repeats it. */
  readonly command: string;
  readonly seconds: number;
  /** Why it counts as failed; null where it passed. */
  readonly failure: string | null;
  readonly claims: readonly Claim[];
}

/** By test file, as `node dist/tests/run.js --counts` writes it. */
export type SuiteCounts = Readonly<
  Record<string, { readonly passed: number; readonly failed: number; readonly skipped: number }>
>;

export interface FullRun {
  readonly programs: readonly ProgramOutcome[];
  readonly suite: SuiteCounts;
  /** A line each: what it ran on. */
  readonly versions: readonly string[];
  readonly minutes: number;
}

export interface Row {
  readonly promise: string;
  readonly says: string;
  readonly cases: string;
  readonly result: string;
  readonly held: boolean;
}

/** The counted files that a promise names. */
export function filesOf({ files }: Promised, suite: SuiteCounts): string[] {
  const patterns = files.map((file) => new RegExp(`^${file.replaceAll("*", ".*")}\\.test\\.js$`));
  return Object.keys(suite).filter((name) => patterns.some((pattern) => pattern.test(name)));
}

/** Rows of the table: of each promise its tests in the suite, then what each program tried for it. */
export function rowsOf({ programs, suite }: FullRun): Row[] {
  return PROMISES.flatMap((promise) => {
    const { id, says } = promise;
    const names = filesOf(promise, suite);
    const sum = (of: "passed" | "failed" | "skipped") =>
      names.reduce((total, name) => total + suite[name][of], 0);
    const tests: Row = {
      promise: id,
      says,
      cases: `${count(sum("passed") + sum("failed"))} tests in ${count(names.length)} ${names.length === 1 ? "file" : "files"}`,
      result: sum("failed") > 0 ? `${count(sum("failed"))} failed` : "all pass",
      held: sum("failed") === 0 && sum("passed") > 0,
    };
    const claims = programs.flatMap((program) =>
      program.claims
        .filter((claim) => claim.promise === id)
        .map((claim) => ({ ...claim, says: "", held: program.failure === null })),
    );
    return [tests, ...claims];
  });
}

const count = (number: number) => number.toLocaleString("en");

/** docs/reliability-report.md. */
export function reportText(run: FullRun): string {
  const rows = rowsOf(run);
  const broken = rows.filter(({ held }) => !held).length;
  const failed = run.programs.filter(({ failure }) => failure !== null);
  const verdict =
    broken === 0 && failed.length === 0
      ? "Everything passed."
      : `**${count(broken)} rows and ${count(failed.length)} programs did not pass.**`;
  const soaked = run.programs.some(({ name }) => name === "soak");
  return `# What was tried, and what came of it

Made by \`npm run test:full${soaked ? " -- --with-soak" : ""}\`, in ${run.minutes.toFixed(0)} minutes. ${verdict} What each promise covers, and what is not promised,
is in the README and in [docs/determinism.md](determinism.md).

${run.versions.map((line) => `- ${line}`).join("\n")}

| | promise | tried | found |
|---|---|---|---|
${rows
  .map(({ promise, says, cases, result, held }) =>
    line(
      says ? promise : "",
      cell(says),
      cell(cases),
      held ? cell(result) : `**FAILED**: ${cell(result)}`,
    ),
  )
  .join("\n")}

The programs, one after the other:

| program | time | ended |
|---|---|---|
${run.programs
  .map(({ command, seconds, failure }) =>
    line(
      `\`${command}\``,
      `${seconds.toFixed(0)} s`,
      failure === null ? "passed" : `**${cell(failure)}**`,
    ),
  )
  .join("\n")}
`;
}

const line = (...cells: readonly string[]) => `| ${cells.join(" | ")} |`;
const cell = (text: string) => text.replaceAll("|", "\\|").replaceAll("\n", " ");
