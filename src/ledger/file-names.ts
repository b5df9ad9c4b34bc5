/** Whether a text is a plain name of a file: no path, nothing hidden in it. */
export function isFileName(name: string): boolean {
  return name.length <= 255 && /^[^/\\:\p{Cc}]+$/u.test(name) && name !== "." && name !== "..";
}

/** What a path names in its folder. */
export const baseName = (path: string, sep: string): string =>
  path.slice(path.lastIndexOf(sep) + 1);

/** The files beside a ledger: NAME.jsonl has NAME.start.safetensors and NAME.gradients. */
export interface BesideLedger {
  readonly start: string;
  readonly gradients: string;
}

/**
 * Their paths.
 *
 * @param isFree whether nothing is at a path: a run that goes on has NAME-2.start.safetensors and so on
 */
export function besideLedger(path: string, isFree: (path: string) => boolean): BesideLedger {
  const name = path.replace(/\.jsonl$/i, "");
  const pathsOf = (run: number): BesideLedger => {
    const prefix = run === 1 ? name : `${name}-${run}`;
    return { start: `${prefix}.start.safetensors`, gradients: `${prefix}.gradients` };
  };
  let run = 1;
  while (!Object.values(pathsOf(run)).every(isFree)) run++;
  return pathsOf(run);
}
