/** How often each operation was done, and how many calls were refused by kind. */
export type Tally = Map<string, number>;

/** What a call throws or rejects with: the code of an AshlarError, else the class. */
export async function kindOf(call: () => unknown): Promise<string> {
  try {
    await call();
  } catch (error) {
    const thrown = error as Error & { code?: string };
    return thrown.code ?? thrown.constructor.name;
  }
  return "nothing";
}

export function count(tally: Tally, what: string): void {
  tally.set(what, (tally.get(what) ?? 0) + 1);
}
