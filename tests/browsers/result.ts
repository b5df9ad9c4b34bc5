/** What a program found out about one thing. */
export interface Result {
  readonly name: string;
  /** Where Node knows what it must be: scripts/browsers.mjs compares. */
  readonly digest?: string;
  readonly ok: boolean;
  readonly detail: string;
  /** What it needs is not here; `detail` says why. */
  readonly notRun?: true;
}

/** What a case throws where this browser has not what it needs. */
export class NotRun extends Error {}

/** A module of this folder that is run in pages and in their workers. */
export interface Program {
  run(): Promise<readonly Result[]>;
}

/** What a case says where it went well. */
export interface Found {
  readonly digest?: string;
  readonly detail?: string;
}

/** Runs a case; what it throws is how it failed. */
export async function resultOf(name: string, act: () => Promise<Found>): Promise<Result> {
  try {
    const { digest, detail = "" } = await act();
    return { name, ok: true, detail, ...(digest === undefined ? {} : { digest }) };
  } catch (error) {
    if (error instanceof NotRun) return { name, ok: true, detail: error.message, notRun: true };
    return { name, ok: false, detail: textOf(error) };
  }
}

/** An error as a line: Firefox's stacks do not hold the message. */
export function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const [first, second] = (error.stack ?? "")
    .split("\n")
    .filter((line) => /[:@]\d|\.js/.test(line));
  return [String(error), first ?? second].filter(Boolean).join(" ").replace(/\s+/g, " ");
}

/** @throws Error where they differ */
export function assertSame(what: string, got: unknown, expected: unknown): void {
  if (!Object.is(got, expected)) throw new Error(`${what}: expected ${expected}, got ${got}`);
}

/** The error that a promise is rejected with. @throws Error where it is not */
export async function rejection(what: string, promise: Promise<unknown>): Promise<Error> {
  const error = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (error instanceof Error) return error;
  throw new Error(`${what}: expected an error, got ${error === undefined ? "none" : error}`);
}

/** Whether this thread is a worker. */
export const inWorker = typeof document === "undefined";
