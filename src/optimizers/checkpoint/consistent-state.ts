import { show } from "../../errors.ts";
import { isPlainRecord } from "../../validate.ts";
import type { OptionData } from "./option-data.ts";
import type { SavedState } from "./saved-state.ts";

type Refusal = (what: string, expected: string, got: string) => Error;

/** What the fields of a saved state say of each other. @throws what `refusal` makes */
export function requireConsistent(saved: SavedState, refusal: Refusal): void {
  checkNames(saved, refusal);
  checkCounts(saved, refusal);
  checkGroups(saved, refusal);
  const precision = saved.options.precision as { model?: OptionData } | undefined;
  const model = precision?.model ?? "float32";
  if (model !== saved.model) {
    throw refusal("model", `${show(model)}, as in options.precision`, show(saved.model));
  }
  const scaled = saved.options.lossScale !== undefined && saved.options.lossScale !== null;
  if (scaled !== (saved.lossScale !== null)) {
    const expected = scaled ? "a state, as options.lossScale has one" : "null, as the options";
    throw refusal("lossScale", expected, show(saved.lossScale));
  }
  // Schedules stand inside of each other as their data.
  if (saved.schedules.some(({ data }) => mentions(data, "$schedule"))) {
    throw refusal("schedules", "data of schedules", "one that refers to the table");
  }
  checkAccumulation(saved, refusal);
}

function checkCounts(saved: SavedState, refusal: Refusal): void {
  const { steps } = saved;
  const common = saved.class === "MindFormersAdamW";
  for (const { name, step } of saved.parameters) {
    if (common ? step === steps : step <= steps) continue;
    const expected = common ? `steps, ${steps}` : `at most steps, ${steps}`;
    throw refusal(`step of ${show(name)}`, expected, `${step}`);
  }
}

/** What groups say of themselves beside what their options come to. */
function checkGroups(saved: SavedState, refusal: Refusal): void {
  for (const { name, options, amsgrad, initialLr } of saved.groups) {
    const given = options.amsgrad ?? saved.options.amsgrad ?? false;
    if (given !== amsgrad) {
      throw refusal(`amsgrad of ${show(name)}`, `${show(given)}, as the options`, show(amsgrad));
    }
    if (saved.class === "DecoupledAdamW" && initialLr === null) {
      throw refusal(`initialLr of ${show(name)}`, "a number, which its decay needs", "null");
    }
  }
}

function checkNames({ groups, parameters }: SavedState, refusal: Refusal): void {
  const groupNames = new Set<string>();
  for (const { name } of groups) {
    if (groupNames.has(name)) throw refusal("groups", "each name once", `${show(name)} twice`);
    groupNames.add(name);
  }
  if (groups.length === 0) throw refusal("groups", "one at least", "none");
  const names = new Set<string>();
  for (const { name, group } of parameters) {
    if (!groupNames.has(group)) {
      throw refusal(`group of ${show(name)}`, "one of the groups", show(group));
    }
    if (names.has(name)) throw refusal("parameters", "each name once", `${show(name)} twice`);
    names.add(name);
  }
}

function checkAccumulation({ accumulation, parameters }: SavedState, refusal: Refusal): void {
  if (accumulation === null) return;
  const { microBatches } = accumulation;
  if (microBatches === 0) throw refusal("microBatches", "1 at least, or null without", "0");
  const left = new Set(parameters.map(({ name }) => name));
  for (const { name, count } of accumulation.parameters) {
    if (!left.delete(name)) {
      throw refusal("accumulation", "a parameter, and each once", show(name));
    }
    if (count >= 1 && count <= microBatches) continue;
    throw refusal(`count of ${show(name)}`, `1 to ${microBatches}, the micro-batches`, `${count}`);
  }
}

function mentions(data: OptionData, key: string): boolean {
  if (Array.isArray(data)) return data.some((each) => mentions(each, key));
  if (!isPlainRecord(data)) return false;
  return (
    Object.hasOwn(data, key) ||
    Object.values(data).some((each) => mentions(each as OptionData, key))
  );
}
