import type { DescribedParameter } from "../optimizers/describe.ts";

// The records of a run ledger: docs/ledger.md has them as a specification. A ledger is text in UTF-8,
// one JSON object a line; `write-line.ts` makes the lines, `read-ledger.ts` reads them.

export const LEDGER_VERSION = 1;

/** The name of the seeded generator of gradients: src/ledger/seeded-gradients.ts. */
export const GENERATOR = "ashlar-xorshift32";
export const GENERATOR_VERSION = 1;

/** Bytes of a line at most, so that a reader's memory is bounded: 10^6 parameters need 40 MB a step. */
export const MOST_LINE_BYTES = 134_217_728;
/** Levels of arrays and objects in `options` and `note` at most. */
export const MOST_LEVELS = 32;

/** Checksums of one kind (gradients or state), by parameter in the order of the names. */
export interface Checksums {
  /** Of all that took part, 16 hex digits: `foldChecksums` of checksums.ts. */
  readonly total: string;
  /** uint64[parameters], in the order of the names; 0 for those that took no part. */
  readonly each: BigUint64Array;
}

/** What computed: `coreInfo()`. */
export interface LedgerCore {
  readonly kernel: string;
  /** SHA-256 of its binary, hex. */
  readonly sha256: string;
  readonly abi: number;
}

/** A parameter as the ledger has it: what the configuration says of it. */
export type LedgerParameter = DescribedParameter;

/** Where gradients come from that were made by `seededGradients`. */
export interface GeneratorData {
  /** Its name. */
  readonly generator: typeof GENERATOR;
  /** Of its arithmetic: another one gives other gradients. */
  readonly version: typeof GENERATOR_VERSION;
  /** uint32 */
  readonly seed: number;
  /** Gradients are below it in magnitude. */
  readonly scale: number;
}

/** What is needed to run the run again. File names are of files beside the ledger. */
export interface ReplayData {
  /** The checkpoint from before the first step; null where the ledger is no file. */
  readonly start: string | null;
  /** The file of the gradients (gradients-file.ts), or what generates them. */
  readonly gradients: string | GeneratorData;
}

/** What a run is configured as: in the header, and again where parameters are added. */
export interface LedgerConfiguration {
  /** `configDigest()`, hex. */
  readonly config: string;
  /** What it hashes, without the class and the parameters. */
  readonly options: Readonly<Record<string, unknown>>;
  /** In the order of their names. */
  readonly parameters: readonly LedgerParameter[];
  /** Checksums of the whole state (weights and moments) before the next step. */
  readonly state: Checksums;
}

/** The first line; also where a run was taken up again (`resumed`), in the same file. */
export interface HeaderRecord extends LedgerConfiguration {
  readonly kind: "header";
  /** Number of the line, from 1. */
  readonly line: number;
  readonly resumed: boolean;
  /** Version of the package. */
  readonly package: string;
  /** Best effort: "Node 20.20.2", or a browser's user agent. */
  readonly engine: string;
  readonly core: LedgerCore;
  readonly threads: number;
  /** Name of the optimizer's class. */
  readonly class: string;
  /** Of how many blocks one's state is checked in each step. */
  readonly stride: number;
  /** Steps applied before. */
  readonly step: number;
  readonly replay: ReplayData | null;
  /** Anything of the caller's, as JSON; undefined where there is none. */
  readonly note: unknown;
}

/** Parameters were added; the whole list follows. */
export interface ParametersRecord extends LedgerConfiguration {
  readonly kind: "parameters";
  readonly line: number;
}

/** A step that was applied or skipped. */
export interface StepRecord {
  readonly kind: "step";
  readonly line: number;
  /** Steps applied, this one included if it was. */
  readonly step: number;
  readonly applied: boolean;
  /** Learning rate by group, before any lr scale. Has no prototype. */
  readonly lr: Readonly<Record<string, number>>;
  /** Loss scale. */
  readonly scale: number;
  /** Norm of all gradients; null where it was not asked for. */
  readonly norm: number | null;
  /** The first bad gradient element. Its value as text, for JSON has no NaN. */
  readonly nonFinite: LedgerBadGradient | null;
  /** Parameters that took no part: ascending indices in the order of the names. */
  readonly absent: readonly number[];
  readonly gradient: Checksums;
  readonly state: Checksums;
}

export interface LedgerBadGradient {
  readonly parameter: string;
  readonly index: number;
  readonly value: string;
}

/** The last line of a run that was closed. */
export interface EndRecord {
  readonly kind: "end";
  readonly line: number;
  /** Steps applied. */
  readonly step: number;
  /** Checksums of the whole state. */
  readonly state: Checksums;
  /** `weightsDigest()`, hex. */
  readonly weights: string;
  /** `digest()`, hex. */
  readonly digest: string;
}

/** A line that broke off: the last one, or the one before a resumed header. */
export interface CutRecord {
  readonly kind: "cut";
  readonly line: number;
}

export type LedgerRecord = HeaderRecord | ParametersRecord | StepRecord | EndRecord | CutRecord;

/** A ledger that does not say what it should: which line, what was expected, what was got. */
export class LedgerError extends Error {
  /** Number of the line, from 1; 0 for the whole. */
  readonly line: number;

  constructor(line: number, message: string) {
    super(message);
    this.name = "LedgerError";
    this.line = line;
  }
}
