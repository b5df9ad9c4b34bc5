/** Memories that were made, and those of them that are still there after garbage was collected. */
export interface LiveMemories {
  readonly made: number;
  readonly left: number;
}

/** Lets the engine run what it does after a collection. */
const pause = () => new Promise((resolve) => setTimeout(resolve, 10));

/**
 * Counts the memories that `act` makes and what is left of them.
 *
 * @param collect collects garbage
 * @param kept    how many may be left: it waits for the others
 */
export async function liveMemories(
  collect: () => void,
  act: () => unknown,
  kept = 0,
): Promise<LiveMemories> {
  const { Memory } = WebAssembly;
  let [made, gone] = [0, 0];
  const registry = new FinalizationRegistry(() => {
    gone++;
  });
  WebAssembly.Memory = class extends Memory {
    constructor(descriptor: WebAssembly.MemoryDescriptor) {
      super(descriptor);
      made++;
      registry.register(this, undefined);
    }
  };
  try {
    await act();
  } finally {
    WebAssembly.Memory = Memory;
  }
  // A worker ends, and an engine's callbacks run, when they do.
  for (let tries = 0; tries < 500 && made - gone > kept; tries++) {
    collect();
    await pause();
  }
  return { made, left: made - gone };
}
