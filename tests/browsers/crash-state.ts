import { AdamW } from "../../src/index.ts";
import { realistic } from "../reference/patterns.ts";

// The state that is saved while a browser is killed: after k steps it is the same everywhere, so that
// what is found afterwards can be told from anything else.

/** 12 MB of state: a save takes long enough to be hit. */
const ELEMENTS = 1_000_000;

export async function makeCrashRun(): Promise<AdamW> {
  const optimizer = await AdamW.create({ w: { shape: [ELEMENTS] } });
  optimizer.gradient("w").set(realistic(ELEMENTS, 12));
  return optimizer;
}
