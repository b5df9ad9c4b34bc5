/** A program of the full run. */
export interface Program {
  readonly name: string;
  /** What Node is given. */
  readonly argv: readonly string[];
  /** It counts as hung after so long. */
  readonly minutes: number;
  /** Only with --with-soak. */
  readonly soak?: boolean;
}

const full = (name: string, minutes: number, ...args: readonly string[]): Program => ({
  name,
  argv: [`dist/tests/full/${name}.js`, ...args],
  minutes,
});

/** The suite, and whether it reaches all of src/. */
export const SUITE: Program = { name: "coverage", argv: ["scripts/coverage.mjs"], minutes: 15 };

/** In the order in which they run. */
export const PROGRAMS: readonly Program[] = [
  SUITE,
  full("damage", 10),
  full("kills", 5),
  full("memory", 5),
  { name: "resume", argv: ["scripts/resume.mjs"], minutes: 10 },
  { name: "proof", argv: ["scripts/proof.mjs", "--full"], minutes: 20 },
];
