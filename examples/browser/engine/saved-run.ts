import type { SamplerState } from "../../language-detector/sampler.ts";
import type { EvaluationFigures, StepFigures } from "../protocol.ts";
import type { SavedClass } from "./classes.ts";

/** What a run is besides its optimizer and the bytes of the user's files. */
export interface SavedRun {
  readonly version: 1;
  readonly seed: number;
  readonly steps: number;
  readonly classes: readonly SavedClass[];
  readonly sampler: SamplerState;
  readonly history: readonly StepFigures[];
  readonly evaluations: readonly EvaluationFigures[];
  readonly plainJs: boolean;
  /** Of the weights. */
  readonly digest: string;
}

/** @throws RangeError for what is not a run of this version */
export function readSavedRun(data: unknown): SavedRun {
  const run = data as SavedRun;
  if (!isObject(run)) throw wrong("run", "an object", data);
  if (run.version !== 1) throw wrong("version", "1, which this page knows", run.version);
  checkSeed(run.seed);
  checkSteps(run.steps);
  expect(typeof run.plainJs === "boolean", "plainJs", "true or false", run.plainJs);
  expect(/^[0-9a-f]{64}$/.test(run.digest), "digest", "64 hex digits", run.digest);
  const { sampler } = run;
  expect(isObject(sampler) && isWhole(sampler.random), "sampler", "where it stands", sampler);
  expectList(sampler.order, "sampler", isWhole);
  expectList(run.classes, "classes", isSavedClass);
  expectList(run.history, "history", isStep);
  expectList(run.evaluations, "evaluations", isEvaluation);
  return run;
}

export function checkSeed(seed: unknown): void {
  const right = isWhole(seed) && seed <= 4_294_967_295;
  expect(right, "seed", "a whole number from 0 to 4294967295", seed);
}

export function checkSteps(steps: unknown): void {
  const right = isWhole(steps) && steps >= 1 && steps <= 100_000;
  expect(right, "steps", "a whole number from 1 to 100000", steps);
}

function isSavedClass({ name, files }: SavedClass): boolean {
  return (
    typeof name === "string" &&
    Array.isArray(files) &&
    files.every((file) => isObject(file) && typeof file.name === "string" && isWhole(file.length))
  );
}

function isStep({ step, loss, gradientMs, optimizerMs, plainJsMs }: StepFigures): boolean {
  return isWhole(step) && [loss, gradientMs, optimizerMs, plainJsMs ?? 0].every(Number.isFinite);
}

function isEvaluation({ step, split, byLanguage, ...accuracy }: EvaluationFigures): boolean {
  return (
    isWhole(step) &&
    (split === "validation" || split === "test") &&
    Number.isFinite(accuracy.newAccuracy) &&
    Number.isFinite(accuracy.oldAccuracy) &&
    Array.isArray(byLanguage) &&
    byLanguage.every(
      (score) =>
        isObject(score) &&
        typeof score.language === "string" &&
        isWhole(score.right) &&
        isWhole(score.total),
    )
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function expectList<T>(list: readonly T[], name: string, check: (one: T) => boolean): void {
  const right =
    Array.isArray(list) && list.every((one) => one !== null && one !== undefined && check(one));
  expect(right, name, "a list of its records", list);
}

function expect(right: boolean, name: string, what: string, got: unknown): void {
  if (!right) throw wrong(name, what, got);
}

function wrong(name: string, expected: string, got: unknown): RangeError {
  const shown = JSON.stringify(got) ?? String(got);
  return new RangeError(`"${name}" of the run: expected ${expected}, got ${shown.slice(0, 40)}`);
}
