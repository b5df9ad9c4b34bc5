import { OutOfMemoryError } from "../../src/errors.ts";
import type { MemoryCase } from "./memory-cases.ts";
import { refusing } from "./refused-memory.ts";

/**
 * Refuses each allocation of a case in turn. The error must say what was asked, nothing may have
 * changed, and the same call must then do all that it does undisturbed.
 *
 * @returns how many allocations were refused
 * @throws Error where that is not so
 */
export async function refuseEach({ title, begin }: MemoryCase): Promise<number> {
  const straight = await begin();
  await straight.act();
  const expected = await straight.seen();
  straight.end();
  for (let n = 0; ; n++) {
    const scene = await begin();
    try {
      const before = await scene.seen();
      const { allocation, error } = await refusing(n, scene.act);
      if (allocation === null) {
        if (error) throw error;
        return n;
      }
      const where = `${title}, allocation ${n}: ${allocation.kind} of ${allocation.bytes} bytes`;
      const wrong = whatIsWrong(error, allocation.bytes);
      if (wrong) throw new Error(`${where}: ${wrong}`);
      if ((await scene.seen()) !== before) throw new Error(`${where}: something has changed`);
      await scene.act();
      if ((await scene.seen()) !== expected) throw new Error(`${where}: tried again, it differs`);
    } finally {
      scene.end();
    }
  }
}

function whatIsWrong(error: unknown, bytes: number): string | null {
  if (!(error instanceof OutOfMemoryError)) return `got ${error}`;
  const { code, asked, available, message, cause } = error;
  if (code !== "OUT_OF_MEMORY") return `code ${code}`;
  if (!(asked >= bytes && available >= 0 && available < asked)) {
    return `asked ${asked}, available ${available}`;
  }
  const got = available === 0 ? "none" : available;
  const told = `: expected ${asked} bytes, got ${got} (${(cause as Error).message}). `;
  return message.startsWith("memory for ") && message.includes(told) ? null : message;
}
