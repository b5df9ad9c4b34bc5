// Figures as docs/scale.md prints them.

/** Three significant digits, never an exponent. @param {number} value */
export function significant(value) {
  if (value === 0) return "0";
  const magnitude = Math.floor(Math.log10(Math.abs(value)));
  return value.toFixed(Math.min(Math.max(2 - magnitude, 0), 6));
}

/**
 * @param {number} value
 * @param {readonly (readonly [size: number, unit: string, least?: number])[]} units from large to small
 */
function inUnits(value, units) {
  const found = units.find(([size, , least = size]) => value >= least);
  const [size, unit] = found ?? units[units.length - 1];
  return `${significant(value / size)} ${unit}`;
}

/** @param {number} seconds */
export const duration = (seconds) =>
  inUnits(seconds, [
    [86_400, "d"],
    [3600, "h"],
    [60, "min", 120],
    [1, "s"],
    [1e-3, "ms"],
    [1e-6, "us"],
  ]);

/** @param {number} count */
export const bytes = (count) =>
  count === 0
    ? "0"
    : inUnits(count, [
        [1e15, "PB"],
        [1e12, "TB"],
        [1e9, "GB"],
        [1e6, "MB"],
        [1e3, "kB"],
        [1, "B"],
      ]);

/** With commas: 10,000. @param {number} value */
export const whole = (value) => String(Math.round(value)).replace(/(?<=\d)(?=(?:\d{3})+$)/g, ",");

/** @param {number} part */
export const percent = (part) => `${significant(100 * part)} %`;

/**
 * A Markdown table, whose first column is the only one of words.
 * @param {readonly string[]} titles @param {readonly (readonly string[])[]} rows
 */
export function table(titles, rows) {
  const line = (/** @type {readonly string[]} */ cells) => `| ${cells.join(" | ")} |`;
  return [line(titles), line(titles.map((_, i) => (i === 0 ? "---" : "--:"))), ...rows.map(line)];
}
