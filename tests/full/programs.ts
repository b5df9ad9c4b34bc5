/** A program of the full run. */
export interface Program {
  readonly name: string;
  /** What Node is given. */
  readonly argv: readonly string[];
  /** It counts as hung after so long. */
  readonly minutes: number;
  /** Only with --with-soak. */
  readonly soak?: boolean;
  /** Whether others may run meanwhile: it needs one processor, and judges neither times nor memory. */
  readonly beside?: boolean;
}

const full = (name: string, minutes: number, beside = false): Program => ({
  name,
  argv: [`dist/tests/full/${name}.js`],
  minutes,
  beside,
});

/** The suite, and whether it reaches all of src/. */
export const SUITE: Program = { name: "coverage", argv: ["scripts/coverage.mjs"], minutes: 15 };

/** In the order in which they begin: among those beside each other the longest first. */
export const PROGRAMS: readonly Program[] = [
  SUITE,
  { name: "soak", argv: ["dist/tests/soak/main.js"], minutes: 40, soak: true, beside: true },
  full("operations", 15, true),
  full("gradients", 10, true),
  { name: "resume", argv: ["scripts/resume.mjs"], minutes: 10, beside: true },
  full("damage", 10),
  full("kills", 5),
  full("memory", 5),
  full("memory-limits", 10),
  full("large-slabs", 10),
  full("leaks", 10),
  full("dying-workers", 15),
  { name: "mutants", argv: ["scripts/mutants.mjs", "--named"], minutes: 20 },
  { name: "proof", argv: ["scripts/proof.mjs", "--full"], minutes: 20 },
];
