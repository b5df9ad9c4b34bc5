import type { Features } from "./features.ts";

/** A file whose language we know. */
export interface LabelledFile {
  readonly language: string;
  readonly features: Features;
}

/** One that pieces can be drawn from, since its bytes are there. */
export interface Sample extends LabelledFile {
  readonly package: string;
  readonly path: string;
  readonly bytes: Uint8Array;
}
