import { type ProofRequest, proofLines } from "../engines/proof-lines.ts";
import { fileURL } from "./files.ts";
import type { Result } from "./result.ts";

/** The proof, as scripts/proof.mjs asks for it: a result's name is a line. */
export async function run(): Promise<Result[]> {
  const request: ProofRequest = await (await fetch(fileURL("proof.json"))).json();
  return (await proofLines(request)).map((name) => ({ name, ok: true, detail: "" }));
}
