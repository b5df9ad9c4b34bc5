import process from "node:process";
import { escaped, printable } from "../errors.ts";
import { showNumber } from "./text/format.ts";

/** Where a command prints. Text of files may be in its lines: none can steer a terminal. */
export interface Terminal {
  /** Prints lines of the answer. */
  print(lines: readonly string[]): void;
  /** Prints JSON, the answer for programs. */
  printJson(value: unknown): void;
  /** Prints lines beside the answer. */
  warn(lines: readonly string[]): void;
  /** A line that tells how far a long command is, and is written over; null where nobody looks. */
  readonly status: StatusLine | null;
}

export interface StatusLine {
  readonly columns: number;
  /** Shows a text in place of the one before; "" for none. */
  show(text: string): void;
}

/** Where a terminal's text goes. */
export interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export function processTerminal(): Terminal {
  const { stdout, stderr } = process;
  // Whoever reads may have seen enough, as `head` does.
  stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit();
  });
  return terminalOf(stdout, stderr);
}

export function terminalOf(stdout: Output, stderr: Output): Terminal {
  const write = (stream: Output, lines: readonly string[]) => {
    stream.write(lines.map((line) => `${printable(line)}\n`).join(""));
  };
  return {
    print: (lines) => write(stdout, lines),
    printJson: (value) => {
      stdout.write(`${jsonText(value)}\n`);
    },
    warn: (lines) => write(stderr, lines),
    status: stderr.isTTY ? statusLine(stderr) : null,
  };
}

/**
 * JSON for programs, which people look at too: control and format characters are escaped. NaN,
 * infinities and -0, which JSON lacks, become strings.
 */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(
    value,
    (_, each: unknown) =>
      typeof each === "number" && !isJsonNumber(each) ? showNumber(each) : each,
    2,
  );
  // Lists of numbers, as shapes, on one line. A line's end in a string is an escape.
  const short = text.replace(/\[\n([-+\d.e,\s]+)\]/g, (_, numbers: string) => {
    return `[${numbers.trim().replace(/\s+/g, " ")}]`;
  });
  return short.replace(/(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, escaped);
}

const isJsonNumber = (value: number) => Number.isFinite(value) && !Object.is(value, -0);

function statusLine(stream: Output): StatusLine {
  let shown = "";
  return {
    get columns() {
      return stream.columns || 80;
    },
    show(text) {
      if (text === shown) return;
      shown = text;
      stream.write(`\r${printable(text)}\x1b[K`);
    },
  };
}
