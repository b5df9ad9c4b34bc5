import { printable } from "../../errors.ts";
import { shorten } from "./format.ts";

/** A column of a table. */
export interface Column<Row> {
  readonly heading: string;
  readonly cell: (row: Row) => string;
  /** Whether its cells are numbers, which end below each other. */
  readonly right?: boolean;
  /** Characters of the longest cell; longer ones lose their middle. Default 64. */
  readonly most?: number;
}

const MOST = 64;

/** Columns below their headings, as wide as their longest cell. */
export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string[] {
  const filled = columns.map(({ heading, cell, right = false, most = MOST }) => {
    const cells = rows.map((row) => shorten(printable(cell(row)), most));
    const width = Math.max(...[heading, ...cells].map(widthOf));
    return { right, width, lines: [heading, "-".repeat(width), ...cells] };
  });
  return ["", "", ...rows].map((_, i) =>
    filled
      .map(({ right, width, lines }) => pad(lines[i], width, right))
      .join("  ")
      .trimEnd(),
  );
}

/** Lines of a name and a value each, the values below each other and of so many characters. */
export function list(
  entries: readonly (readonly [name: string, value: string])[],
  most = 120,
): string[] {
  const names = entries.map(([name]) => shorten(printable(name), MOST));
  const width = Math.max(0, ...names.map(widthOf));
  return entries.map(([, value], i) =>
    `${pad(names[i], width, false)}  ${shorten(printable(value), most)}`.trimEnd(),
  );
}

export const indent = (lines: readonly string[]) => lines.map((line) => line && `  ${line}`);

function pad(text: string, width: number, right: boolean): string {
  const space = " ".repeat(width - widthOf(text));
  return right ? space + text : text + space;
}

// Characters that terminals draw over two columns: East Asian ones and emoji, roughly.
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;

/** Columns that a text takes on a terminal. */
function widthOf(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range of ASCII
  if (/^[\x00-\x7f]*$/.test(text)) return text.length;
  let width = 0;
  for (const character of text) {
    if (!/\p{M}/u.test(character)) width += WIDE.test(character) ? 2 : 1;
  }
  return width;
}
