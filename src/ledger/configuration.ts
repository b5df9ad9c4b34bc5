import { configData, configDigest } from "../optimizers/config.ts";
import type { Machinery } from "../optimizers/machinery.ts";
import { stateChecksums } from "../optimizers/step-checks.ts";
import { checksums } from "./checksums.ts";
import type { LedgerConfiguration } from "./format.ts";

/** What an optimizer is configured as, and its whole state, as a ledger has them. */
export function configurationOf({ rule, bound }: Machinery): LedgerConfiguration {
  const { groups, sorted, slabs } = bound;
  const data = configData(rule.className, rule.settings, groups, sorted);
  const { class: _class, parameters, ...options } = data;
  return {
    parameters,
    config: configDigest(data),
    options,
    state: checksums(stateChecksums(slabs, sorted)),
  };
}
