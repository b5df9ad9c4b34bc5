/** What a call allocated as arrays of bytes. */
export interface Allocations {
  readonly largest: number;
  readonly total: number;
}

/** Counts the byte arrays that are made by their length while the call runs, and runs nothing else. */
export async function allocationsOf(act: () => Promise<void>): Promise<Allocations> {
  const Original = Uint8Array;
  let largest = 0;
  let total = 0;
  globalThis.Uint8Array = new Proxy(Original, {
    construct(target, args, newTarget) {
      if (typeof args[0] === "number") {
        largest = Math.max(largest, args[0]);
        total += args[0];
      }
      return Reflect.construct(
        target,
        args,
        newTarget === globalThis.Uint8Array ? target : newTarget,
      );
    },
  });
  try {
    await act();
  } finally {
    globalThis.Uint8Array = Original;
  }
  return { largest, total };
}
