import { show } from "../errors.ts";
import { Fields, isRecord, isWhole } from "./fields.ts";
import { isFileName } from "./file-names.ts";
import {
  GENERATOR,
  GENERATOR_VERSION,
  type GeneratorData,
  type HeaderRecord,
  LEDGER_VERSION,
  type LedgerBadGradient,
  LedgerError,
  type LedgerParameter,
  type LedgerRecord,
  type ReplayData,
  type StepRecord,
} from "./format.ts";

const CONFIGURATION = ["parameters", "config", "options", "state", "states"] as const;
const HEADER = `ashlar version resumed engine package core threads class stride step replay note`;
const STEP = `step applied lr scale norm nonFinite absent gradient gradients state states`;
const END = `end step state states weights digest`;

/**
 * Reads a line's object.
 *
 * @param line   its number, from 1
 * @param where  how messages call it
 * @param count  of parameters so far; null before the header
 * @throws LedgerError
 */
export function readLine(
  value: unknown,
  line: number,
  where: string,
  count: number | null,
): LedgerRecord {
  if (!isRecord(value)) {
    throw new LedgerError(line, `${where}: expected an object, got ${show(value)}`);
  }
  const fields = new Fields(value, line, where);
  if (fields.has("ashlar")) return readHeader(fields);
  if (count === null) {
    throw fields.refuse("ashlar", '"run", as the first line of a run ledger has it', "nothing");
  }
  if (fields.has("end")) return readEnd(fields, count);
  if (fields.has("parameters")) {
    fields.only(CONFIGURATION);
    return { kind: "parameters", line, ...readConfiguration(fields) };
  }
  return readStep(fields, count);
}

function readHeader(fields: Fields): HeaderRecord {
  fields.matching("ashlar", /^run$/, '"run"');
  const version = fields.whole("version", 1);
  if (version > LEDGER_VERSION) {
    const got = `${version}. A newer version of ashlar reads it`;
    throw fields.refuse("version", `at most ${LEDGER_VERSION}`, got);
  }
  fields.only([...HEADER.split(" "), ...CONFIGURATION]);
  const core = fields.object("core");
  core.only(["kernel", "sha256", "abi"]);
  return {
    kind: "header",
    line: fields.line,
    resumed: fields.has("resumed") && fields.flag("resumed"),
    engine: fields.text("engine"),
    package: fields.text("package"),
    core: { kernel: core.text("kernel"), sha256: core.sha256("sha256"), abi: core.whole("abi") },
    threads: fields.whole("threads", 1),
    class: fields.text("class"),
    stride: fields.whole("stride", 1),
    step: fields.whole("step"),
    ...readConfiguration(fields),
    replay: fields.has("replay") ? readReplay(fields.object("replay")) : null,
    note: fields.plain("note"),
  };
}

function readConfiguration(fields: Fields) {
  const parameters = fields
    .list("parameters")
    .map((parameter, index) => readParameter(parameter, index, fields));
  fields.plain("options");
  return {
    config: fields.sha256("config"),
    options: fields.record("options"),
    parameters,
    state: fields.checksums("state", "states", parameters.length),
  };
}

function readParameter(value: unknown, index: number, of: Fields): LedgerParameter {
  const what = `parameters[${index}]`;
  if (!isRecord(value)) throw of.refuse(what, "an object", show(value));
  const fields = new Fields(value, of.line, `"${what}" of ${of.where}`);
  fields.only(["name", "shape", "group", "layer", "lrScale", "decays"]);
  const shape = fields.list("shape");
  if (shape.length > 100 || !shape.every((size) => isWhole(size, 0, Number.MAX_SAFE_INTEGER))) {
    throw fields.refuse("shape", "whole numbers", show(shape));
  }
  return {
    name: fields.text("name"),
    shape: shape as number[],
    group: fields.text("group"),
    layer: fields.value("layer") === null ? null : fields.number("layer"),
    lrScale: fields.number("lrScale"),
    decays: fields.flag("decays"),
  };
}

function readReplay(fields: Fields): ReplayData {
  fields.only(["start", "gradients"]);
  const name = (key: string) => {
    const file = fields.text(key);
    // Not a path: a ledger must not name any file of its reader's.
    if (isFileName(file)) return file;
    throw fields.refuse(key, "the name of a file beside the ledger", show(file));
  };
  return {
    start: fields.has("start") ? name("start") : null,
    gradients:
      typeof fields.value("gradients") === "string"
        ? name("gradients")
        : readGenerator(fields.object("gradients")),
  };
}

function readGenerator(fields: Fields): GeneratorData {
  fields.only(["generator", "version", "seed", "scale"]);
  if (fields.text("generator") !== GENERATOR) {
    throw fields.refuse("generator", `"${GENERATOR}"`, show(fields.text("generator")));
  }
  return {
    generator: GENERATOR,
    version: fields.whole("version", 1, GENERATOR_VERSION) as typeof GENERATOR_VERSION,
    seed: fields.whole("seed", 0, 0xffff_ffff),
    scale: fields.number("scale"),
  };
}

function readStep(fields: Fields, count: number): StepRecord {
  fields.only(STEP.split(" "));
  const absent = fields.has("absent") ? readAbsent(fields, count) : [];
  return {
    kind: "step",
    line: fields.line,
    step: fields.whole("step"),
    applied: fields.flag("applied"),
    lr: readRates(fields),
    scale: fields.number("scale"),
    norm: readNorm(fields),
    nonFinite: fields.has("nonFinite") ? readBadGradient(fields.object("nonFinite")) : null,
    absent,
    gradient: fields.checksums("gradient", "gradients", count, absent),
    state: fields.checksums("state", "states", count, absent),
  };
}

function readAbsent(fields: Fields, count: number): readonly number[] {
  const absent = fields.list("absent");
  let least = 0;
  for (const index of absent) {
    if (!isWhole(index, least, count - 1)) {
      throw fields.refuse("absent", `ascending indices below ${count}`, show(index));
    }
    least = index + 1;
  }
  return absent as readonly number[];
}

function readRates(fields: Fields): Readonly<Record<string, number>> {
  const rates: Record<string, number> = Object.create(null);
  const of = fields.object("lr");
  for (const group of Object.keys(fields.record("lr"))) rates[group] = of.number(group);
  return rates;
}

/** JSON has no NaN and no Infinity: they are text. */
function readNorm(fields: Fields): number | null {
  if (!fields.has("norm")) return null;
  if (typeof fields.value("norm") !== "string") return fields.number("norm");
  return Number(fields.matching("norm", /^(NaN|Infinity)$/, 'a number, "NaN" or "Infinity"'));
}

function readBadGradient(fields: Fields): LedgerBadGradient {
  fields.only(["parameter", "index", "value"]);
  return {
    parameter: fields.text("parameter"),
    index: fields.whole("index"),
    value: fields.text("value"),
  };
}

function readEnd(fields: Fields, count: number): LedgerRecord {
  fields.only(END.split(" "));
  if (!fields.flag("end")) throw fields.refuse("end", "true", "false");
  return {
    kind: "end",
    line: fields.line,
    step: fields.whole("step"),
    state: fields.checksums("state", "states", count),
    weights: fields.sha256("weights"),
    digest: fields.sha256("digest"),
  };
}
