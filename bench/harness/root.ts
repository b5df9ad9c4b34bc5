import { fileURLToPath } from "node:url";

/** The repository: its sources of rivals in other languages are not copied into dist/. */
export const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
