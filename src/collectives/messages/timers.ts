/** As much of timers as is used here. */
interface Timers {
  setInterval(tick: () => void, milliseconds: number): { unref?(): void } | number;
  clearInterval(timer: unknown): void;
}

interface NodeProcess {
  getBuiltinModule?(name: "node:timers"): Timers | undefined;
}

/**
 * Calls `tick` again and again, without keeping a process alive.
 *
 * @returns ends it
 */
export function every(milliseconds: number, tick: () => void): () => void {
  // Node, Deno and Bun have them, and can be told; Deno's own are numbers.
  const { process } = globalThis as { process?: NodeProcess };
  const timers = process?.getBuiltinModule?.("node:timers") ?? (globalThis as unknown as Timers);
  const timer = timers.setInterval(tick, milliseconds);
  if (typeof timer === "object") timer.unref?.();
  return () => timers.clearInterval(timer);
}
