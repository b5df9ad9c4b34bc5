// Values as short text for people.

/** 1234567 as "1,234,567". */
export function showCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** "1 tensor", "1,200 tensors". */
export function plural(count: number, noun: string, ending = "s"): string {
  return `${showCount(count)} ${noun}${count === 1 ? "" : ending}`;
}

/** Six digits, which is about what float32 holds. */
export function showNumber(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e-3 && size < 1e9) return String(Number(value.toPrecision(6)));
  if (!Number.isFinite(value) || size === 0) return Object.is(value, -0) ? "-0" : String(value);
  return value.toExponential(5).replace(/\.?0*e\+?/, "e");
}

export function showShape(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}

const UNITS = ["kB", "MB", "GB", "TB"];

/** "512 bytes", "4,231,168 bytes (4.2 MB)". */
export function showBytes(bytes: number): string {
  const exact = plural(bytes, "byte");
  if (bytes < 10_000) return exact;
  return `${exact} (${showSize(bytes)})`;
}

/** "4.2 MB". */
export function showSize(bytes: number): string {
  let value = bytes;
  let unit = "bytes";
  for (const larger of UNITS) {
    if (value < 1000) break;
    value /= 1000;
    unit = larger;
  }
  return `${unit === "bytes" ? value : value.toFixed(1)} ${unit}`;
}

/** The text, or its beginning and end where it is longer than that many characters. */
export function shorten(text: string, most: number): string {
  if (text.length <= most) return text;
  // A file may have texts of 100 MB; characters are one or two units.
  const characters = [...text.slice(0, 2 * most), ...text.slice(2 * most).slice(-2 * most)];
  if (characters.length <= most) return text;
  const head = Math.ceil((most - 3) / 2);
  const tail = most - 3 - head;
  return `${characters.slice(0, head).join("")}...${characters.slice(-tail).join("")}`;
}
