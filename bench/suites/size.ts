import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { BYTES, type Case } from "../report/result.ts";
import type { Suite } from "./suite.ts";

const DIST = fileURLToPath(new URL("../../", import.meta.url));

export const size: Suite = {
  name: "size",
  title: "The core binaries",
  cores: "all",
  async run(): Promise<Case[]> {
    const binaries = readdirSync(DIST).filter((name) => name.endsWith(".wasm"));
    const measured = binaries.map((name) => {
      return { name, rounds: [brotliCompressSync(readFileSync(`${DIST}${name}`)).length] };
    });
    const title = "as brotli compresses them";
    return [
      { name: "brotli", title, place: "cache", parameters: 0, unit: BYTES, measured, notRun: [] },
    ];
  },
};
