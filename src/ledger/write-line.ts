import { encodeChecksums } from "./checksums.ts";
import type {
  Checksums,
  EndRecord,
  HeaderRecord,
  LedgerConfiguration,
  ParametersRecord,
  StepRecord,
} from "./format.ts";
import { LEDGER_VERSION } from "./format.ts";

/** A record as it is written: lines count themselves. */
export type Unnumbered =
  | Omit<HeaderRecord, "line">
  | Omit<ParametersRecord, "line">
  | Omit<StepRecord, "line">
  | Omit<EndRecord, "line">;

/** The line of a record, without "\n". */
export function writeLine(record: Unnumbered): string {
  return JSON.stringify(wireForm(record));
}

function wireForm(record: Unnumbered): object {
  switch (record.kind) {
    case "header":
      return headerForm(record);
    case "parameters":
      return configurationForm(record);
    case "step":
      return stepForm(record);
    case "end": {
      const { step, state, weights, digest } = record;
      return { end: true, step, ...stateForm(state), weights, digest };
    }
  }
}

function headerForm(record: Omit<HeaderRecord, "line">): object {
  const { resumed, engine, core, threads, stride, step, replay, note } = record;
  return {
    ashlar: "run",
    version: LEDGER_VERSION,
    ...(resumed ? { resumed } : {}),
    engine,
    package: record.package,
    core,
    threads,
    class: record.class,
    stride,
    step,
    ...configurationForm(record),
    ...(replay === null
      ? {}
      : {
          replay: {
            ...(replay.start === null ? {} : { start: replay.start }),
            gradients: replay.gradients,
          },
        }),
    ...(note === undefined ? {} : { note }),
  };
}

function configurationForm({ config, options, parameters, state }: LedgerConfiguration): object {
  return { parameters, config, options, ...stateForm(state) };
}

function stepForm(record: Omit<StepRecord, "line">): object {
  const { step, applied, lr, scale, norm, nonFinite, absent, gradient, state } = record;
  return {
    step,
    applied,
    lr,
    scale,
    ...(norm === null ? {} : { norm: Number.isFinite(norm) ? norm : String(norm) }),
    ...(nonFinite ? { nonFinite } : {}),
    ...(absent.length > 0 ? { absent } : {}),
    gradient: gradient.total,
    ...stateForm(state),
    gradients: encodeChecksums(gradient.each),
  };
}

function stateForm({ total, each }: Checksums): object {
  return { state: total, states: encodeChecksums(each) };
}
