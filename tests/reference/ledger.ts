import type { LedgerRecord, StepRecord } from "../../src/ledger/format.ts";
import { LedgerText } from "../../src/ledger/ledger-text.ts";
import type { RunLedgerOptions } from "../../src/ledger/options.ts";
import { GradientReader } from "../../src/ledger/read-gradients.ts";
import { readLedger } from "../../src/ledger/read-ledger.ts";
import { replayStep } from "../../src/ledger/replay-step.ts";
import { RunLedger } from "../../src/ledger/run-ledger.ts";
import type { Optimizer } from "../../src/optimizers/optimizer.ts";
import type { ByteReader } from "../../src/state/bytes.ts";
import { openSource } from "../../src/state/sources/open-source.ts";

/** All records of a ledger. */
export async function recordsOf(text: string | Uint8Array, name = "run"): Promise<LedgerRecord[]> {
  const bytes = typeof text === "string" ? new TextEncoder().encode(text) : text;
  const records: LedgerRecord[] = [];
  for await (const record of readLedger(await openSource(bytes), name)) records.push(record);
  return records;
}

export const stepsOf = (records: readonly LedgerRecord[]): StepRecord[] =>
  records.filter((record) => record.kind === "step");

/** Records what `run` does with an optimizer, in memory. */
export async function ledgerOf<Used extends Optimizer>(
  optimizer: Used,
  run: (optimizer: Used) => unknown,
  options: RunLedgerOptions = {},
): Promise<{ text: string; records: LedgerRecord[] }> {
  const target = new LedgerText();
  const ledger = await RunLedger.open(target, optimizer, options);
  await run(optimizer);
  await ledger.close();
  return { text: target.text, records: await recordsOf(target.text) };
}

/**
 * Takes all steps of a recorded run with an optimizer that stands where the run began.
 *
 * @param grow called where parameters were added
 */
export async function replay(
  optimizer: Optimizer,
  ledger: ByteReader,
  gradients: ByteReader,
  grow: (optimizer: Optimizer) => void = () => {},
): Promise<{ steps: number; digest: string | null }> {
  const reader = new GradientReader(gradients, "gradients");
  let steps = 0;
  let digest: string | null = null;
  let parameters: Parameters<typeof reader.next>[0] = [];
  for await (const record of readLedger(ledger, "run")) {
    if (record.kind === "parameters") grow(optimizer);
    if (record.kind === "parameters" || record.kind === "header") parameters = record.parameters;
    if (record.kind === "end") digest = record.digest;
    if (record.kind !== "step") continue;
    const recorded = await reader.next(parameters);
    if (recorded === null) throw new Error(`no gradients for line ${record.line}`);
    replayStep(optimizer, recorded);
    steps++;
  }
  return { steps, digest };
}
