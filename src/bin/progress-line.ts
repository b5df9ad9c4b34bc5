import type { Progress } from "../state/progress.ts";
import type { Terminal } from "./terminal.ts";
import { showSize } from "./text/format.ts";

const FIRST_MS = 1_000;
const EVERY_MS = 100;

/** Shows how far a command is, where somebody looks and it takes longer than a second. */
export function progressLine({ status }: Terminal, what: string): (progress: Progress) => void {
  if (!status) return () => {};
  let next = performance.now() + FIRST_MS;
  return ({ bytes, total }) => {
    if (bytes >= total) status.show("");
    if (bytes >= total || performance.now() < next) return;
    next = performance.now() + EVERY_MS;
    const percent = `${Math.floor((bytes / total) * 100)} %`;
    const line = `${percent.padStart(5)} of ${showSize(total)}, ${what}`;
    status.show(line.slice(0, status.columns - 1));
  };
}
