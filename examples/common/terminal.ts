import { env, stdout } from "node:process";

// https://no-color.org: any value that is not empty means no colour.
const coloured = stdout.isTTY === true && !env.NO_COLOR && env.TERM !== "dumb";

function style(code: number): (text: string) => string {
  return (text) => (coloured ? `\u001b[${code}m${text}\u001b[0m` : text);
}

export const bold = style(1);
export const dim = style(2);
export const green = style(32);
export const cyan = style(36);
export const yellow = style(33);

export function print(text = ""): void {
  stdout.write(`${text}\n`);
}

const BAR_WIDTH = 30;
const LINES_WITHOUT_TERMINAL = 4;

/** A bar that is redrawn in place; where the output is no terminal, a line now and then. */
export class ProgressBar {
  readonly #label: string;
  readonly #total: number;
  readonly #live = stdout.isTTY === true && env.TERM !== "dumb";
  #linesPrinted = 0;

  constructor(label: string, total: number) {
    this.#label = label;
    this.#total = total;
  }

  update(done: number, note: string): void {
    const share = done / this.#total;
    const counted = `${String(done).padStart(String(this.#total).length)}/${this.#total}`;
    if (this.#live) {
      const filled = Math.round(share * BAR_WIDTH);
      const bar = green("━".repeat(filled)) + dim("─".repeat(BAR_WIDTH - filled));
      stdout.write(`\r\u001b[2K  ${this.#label}  ${bar}  ${counted}  ${note}`);
      if (done === this.#total) stdout.write("\n");
    } else if (Math.floor(share * LINES_WITHOUT_TERMINAL) > this.#linesPrinted) {
      this.#linesPrinted = Math.floor(share * LINES_WITHOUT_TERMINAL);
      print(`  ${this.#label}  ${counted}  ${note}`);
    }
  }
}
