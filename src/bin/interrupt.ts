import process from "node:process";

/** What a shell reports of a command that a signal ended. */
const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Lets an interruption (Ctrl+C) tidy up first. Returns what takes that back.
 */
export function onInterrupt(tidy: () => Promise<void>): () => void {
  const handlers = Object.entries(SIGNALS).map(([signal, code]) => {
    const handler = () => {
      void tidy().finally(() => process.exit(code));
    };
    process.once(signal, handler);
    return () => void process.off(signal, handler);
  });
  return () => {
    for (const off of handlers) off();
  };
}
