const WHOLE = new Intl.NumberFormat("en");
const NO_VALUE = "–";

export function whole(value: number): string {
  return WHOLE.format(value);
}

/** 0.964 as "96.4 %". */
export function percent(share: number | undefined, digits = 1): string {
  if (share === undefined || Number.isNaN(share)) return NO_VALUE;
  return `${(100 * share).toFixed(digits)} %`;
}

export function fixed(value: number | undefined, digits: number): string {
  return value === undefined || Number.isNaN(value) ? NO_VALUE : value.toFixed(digits);
}

/** A learning rate: "1.50e-3". */
export function rate(value: number): string {
  return value === 0 ? "0" : value.toExponential(2);
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

/** "1 file", "2 files". */
export function count(value: number, noun: string): string {
  return `${whole(value)} ${noun}${value === 1 ? "" : "s"}`;
}
