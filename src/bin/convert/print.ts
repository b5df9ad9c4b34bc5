import { elementsOf } from "../../state/inspect/elements.ts";
import { plural, shorten, showBytes, showCount } from "../text/format.ts";
import type { Loss, Plan } from "./convert-file.ts";
import type { TargetDtype } from "./round.ts";

/** What `--to` may say. */
export const TARGETS = { float32: "F32", float16: "F16", bfloat16: "BF16" } as const;
export type TargetName = keyof typeof TARGETS;

const MOST_NAMES = 5;

/** What was written, in a line or a few. */
export function doneLines(out: string, to: TargetName, { tensors, size, left }: Plan): string[] {
  const count = (some: Plan["tensors"]) => {
    const elements = some.reduce((sum, { shape }) => sum + elementsOf(shape), 0);
    return `${plural(some.length, "tensor")}, ${plural(elements, "element")}`;
  };
  const converted = tensors.filter(({ dtype }) => dtype === TARGETS[to]);
  const copied = tensors.filter(({ dtype }) => dtype !== TARGETS[to]);
  const lines = [`${out}: ${count(converted)} in ${to}; ${showBytes(size)}`];
  if (copied.length > 0) {
    lines.push(
      `  copied as they are: ${names(copied.map(({ name, dtype }) => `${name} (${dtype})`))}`,
    );
  }
  if (left.length > 0) lines.push(`  left out, no weights: ${names(left)}`);
  return lines;
}

/** What was written and what rounding cost, as plain data. */
export function doneData(
  out: string,
  to: TargetName,
  { tensors, size, left }: Plan,
  losses: readonly Loss[],
) {
  return {
    out,
    to,
    bytes: size,
    tensors: tensors.map(({ name, dtype, shape, source }) => ({
      ...{ name, dtype, shape },
      from: source.dtype,
      ...(losses.find((loss) => loss.name === name) ?? { overflowed: 0, vanished: 0 }),
    })),
    left,
  };
}

/** What rounding cost, in a line each; none where it cost nothing. */
export function lossLines(to: TargetName, losses: readonly Loss[]): string[] {
  const line = (key: "overflowed" | "vanished", became: string) => {
    const some = losses.filter((loss) => loss[key] > 0);
    if (some.length === 0) return [];
    const count = some.reduce((sum, loss) => sum + loss[key], 0);
    const of = names(some.map((loss) => `${loss.name} (${showCount(loss[key])})`));
    return [`ashlar convert: ${plural(count, "element")} became ${became}: ${of}`];
  };
  const { largest, least } = RANGES[TARGETS[to]];
  return [
    ...line("overflowed", `infinite, as ${to} ends at ${largest}`),
    ...line("vanished", `0, as ${to} begins at ${least}`),
  ];
}

const RANGES: Readonly<Record<TargetDtype, { largest: string; least: string }>> = {
  F32: { largest: "3.4e38", least: "1.4e-45" },
  F16: { largest: "65,504", least: "6e-8" },
  BF16: { largest: "3.39e38", least: "9.2e-41" },
};

function names(all: readonly string[]): string {
  const shown = all.slice(0, MOST_NAMES).map((name) => shorten(name, 64));
  const rest = all.length - shown.length;
  return shown.join(", ") + (rest > 0 ? ` and ${showCount(rest)} more` : "");
}
