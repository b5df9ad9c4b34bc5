/** Text columns for the terminal: plain ASCII, numbers to the right. */
export interface Column {
  readonly title: string;
  readonly align: "left" | "right";
}

/** The lines of a table, indented by two. @param rows one text a column */
export function textTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): string[] {
  const widths = columns.map(({ title }, i) =>
    Math.max(title.length, ...rows.map((row) => row[i].length)),
  );
  const line = (cells: readonly string[]) =>
    `  ${cells
      .map((cell, i) =>
        columns[i].align === "left" ? cell.padEnd(widths[i]) : cell.padStart(widths[i]),
      )
      .join("  ")}`.trimEnd();
  const rule = line(widths.map((width) => "-".repeat(width)));
  return [line(columns.map(({ title }) => title)), rule, ...rows.map(line)];
}

/** The same as a Markdown table. */
export function markdownTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    line(columns.map(({ title }) => title)),
    line(columns.map(({ align }) => (align === "left" ? "---" : "--:"))),
    ...rows.map(line),
  ];
}

/** Three significant digits, without exponent: 0.0451, 0.662, 10.5, 263. */
export function significant(value: number): string {
  if (!Number.isFinite(value)) return String(value);
  const magnitude = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)));
  return value.toFixed(Math.min(Math.max(2 - magnitude, 0), 6));
}
