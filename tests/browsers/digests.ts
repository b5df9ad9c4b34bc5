import { digestLines } from "../engines/digest-lines.ts";
import type { Result } from "./result.ts";

/** The digests that every engine must have. */
export async function run(): Promise<Result[]> {
  return (await digestLines()).map((line) => {
    const [, name, digest] = /^(.*) (\S+)$/.exec(line) ?? ["", line, ""];
    return { name, digest, ok: true, detail: "" };
  });
}
