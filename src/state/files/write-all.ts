import { refusal } from "./file-error.ts";

/** Writes all of the bytes: a system may take a part at a time. */
export async function writeAll(
  file: { write(bytes: Uint8Array): Promise<number> },
  bytes: Uint8Array,
): Promise<void> {
  for (let written = 0; written < bytes.length; ) {
    const count = await file.write(bytes.subarray(written));
    // Asking for ever would hang; a system that takes nothing should have said why.
    if (!(count > 0)) throw refusal("EIO", `wrote ${count} of ${bytes.length - written} bytes`);
    written += count;
  }
}
