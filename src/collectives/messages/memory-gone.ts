/** For a range of a call under way whose memory has grown or was transferred: its views are empty. */
export function memoryGone(): Error {
  return new Error("the memory of a range has grown, or was transferred, during the call");
}

/** Puts bytes into a range. */
export function place(range: Uint8Array, bytes: Uint8Array, offset: number): void {
  if (range.length < offset + bytes.length) throw memoryGone();
  range.set(bytes, offset);
}
