// An engine that refuses memory: at one allocation, the n-th, or above a size.

/** Smaller arrays are objects of the engine's own heap, which it never refuses: it ends the program. */
const LEAST_BYTES = 1024;
const ARRAYS = [
  "Uint8Array",
  "Uint16Array",
  "Uint32Array",
  "Float32Array",
  "Float64Array",
  "BigUint64Array",
  "ArrayBuffer",
  "Blob",
] as const;

export interface Allocation {
  /** "Memory" for a WebAssembly.Memory. */
  readonly kind: (typeof ARRAYS)[number] | "Memory";
  readonly bytes: number;
}

/** Bytes that a constructor call allocates; 0 for a view. */
function bytesOf(kind: (typeof ARRAYS)[number], [given]: readonly unknown[]): number {
  if (kind === "Blob") {
    return (given as readonly Uint8Array[]).reduce((sum, part) => sum + (part.byteLength ?? 0), 0);
  }
  const Kind = globalThis[kind] as { BYTES_PER_ELEMENT?: number };
  const each = Kind.BYTES_PER_ELEMENT ?? 1;
  if (typeof given === "number") return given * each;
  if (given instanceof ArrayBuffer || given instanceof SharedArrayBuffer) return 0;
  return ((given as ArrayLike<unknown> | undefined)?.length ?? 0) * each;
}

/**
 * Runs `act` in an engine that answers every larger allocation as `refuses` says; the order in which
 * they come is the engine's and ours. Views and small arrays are not asked about.
 */
export async function whereRefused<Result>(
  refuses: (allocation: Allocation) => boolean,
  act: () => Result | Promise<Result>,
): Promise<Result> {
  const ask = (allocation: Allocation, message: string) => {
    if (refuses(allocation)) throw new RangeError(message);
  };
  const globals = globalThis as unknown as Record<string, new (...args: unknown[]) => object>;
  const before = ARRAYS.map((kind) => [kind, globals[kind]] as const);
  const { Memory } = WebAssembly;
  for (const [kind, Kind] of before) {
    globals[kind] = new Proxy(Kind, {
      construct(target, args, newTarget) {
        const bytes = bytesOf(kind, args);
        if (bytes >= LEAST_BYTES) ask({ kind, bytes }, "Array buffer allocation failed");
        return Reflect.construct(target, args, newTarget === globals[kind] ? target : newTarget);
      },
    });
  }
  WebAssembly.Memory = class extends Memory {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      const bytes = descriptor.initial * 65_536;
      ask({ kind: "Memory", bytes }, "WebAssembly.Memory(): could not allocate memory");
      super(descriptor);
    }
  };
  try {
    return await act();
  } finally {
    for (const [kind, Kind] of before) globals[kind] = Kind;
    WebAssembly.Memory = Memory;
  }
}

/** What an act came to where its n-th allocation, from 0, was refused. */
export interface Refused {
  /** null where it made fewer. */
  readonly allocation: Allocation | null;
  readonly error: unknown;
}

/** Runs `act` with its n-th larger allocation refused. */
export async function refusing(n: number, act: () => unknown): Promise<Refused> {
  let count = 0;
  let allocation: Allocation | null = null;
  let error: unknown = null;
  await whereRefused((asked) => {
    if (count++ !== n) return false;
    allocation = asked;
    return true;
  }, act).catch((cause) => {
    error = cause;
  });
  return { allocation, error };
}
