import { wrongKind } from "../../errors.ts";
import type { Progress } from "../../state/progress.ts";
import { flag, optionObject } from "../../validate.ts";
import type { OptionData } from "./option-data.ts";

/** How a checkpoint is loaded; every option of the class may stand beside these. */
export interface LoadOptions {
  /**
   * Whether every parameter must be in the checkpoint, and every one of the checkpoint's must be
   * wanted. Otherwise what does not fit is left as it was given, and reported. Default true.
   */
  readonly strict?: boolean;
  /** Called as bytes are read. */
  readonly onProgress?: (progress: Progress) => void;
}

/** What loading found. */
export interface LoadReport {
  /** Version of the checkpoint's format. */
  readonly version: number;
  /** Whether the very same numeric core made the state: going on then gives the bits of the run. */
  readonly sameCore: boolean;
  /** Options that are others than the checkpoint's, because the caller named them. */
  readonly differences: readonly Difference[];
  /** Parameters of the optimizer that the checkpoint did not have, or in another shape. */
  readonly missing: readonly string[];
  /** Parameters of the checkpoint that were not loaded. */
  readonly unused: readonly string[];
}

/** An option that is another one than in the checkpoint; values as the checkpoint writes them. */
export interface Difference {
  /** "the options", `group "head"` or `parameter "head.bias"`. */
  readonly where: string;
  /** The option's name, as the class takes it. */
  readonly option: string;
  /** What the checkpoint has. */
  readonly file: OptionData;
  /** What the caller gave, which is in force. */
  readonly given: OptionData;
}

/** What the caller gave to `load`, taken apart. */
export interface Given {
  /** undefined: as the checkpoint has them. */
  readonly parameters: unknown;
  /** Options of the class that were named. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly strict: boolean;
  readonly onProgress: ((progress: Progress) => void) | undefined;
}

/** @throws TypeError for a wrong kind; unknown keys are left to the class */
export function readLoadOptions(input: unknown): Given {
  const where = "load";
  const { parameters, strict = true, onProgress, ...rest } = optionObject(input, "options", where);
  flag(strict, "strict", where);
  if (onProgress !== undefined && typeof onProgress !== "function") {
    throw wrongKind("onProgress", where, "a function ({ bytes, total }) => void", onProgress);
  }
  const options = Object.fromEntries(
    Object.entries(rest).filter(([, value]) => value !== undefined),
  );
  return { parameters, options, strict: strict as boolean, onProgress: onProgress as never };
}
