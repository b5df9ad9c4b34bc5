import { wrongKind, wrongValue } from "../errors.ts";
import { flag, knownKeys, optionObject, wholeNumberBetween } from "../validate.ts";
import { isDeeper } from "./fields.ts";
import { MOST_LEVELS } from "./format.ts";
import { requireSeeded, type SeededGradients } from "./seeded-gradients.ts";

/** How a ledger is kept; all of it may be left out. */
export interface RunLedgerOptions {
  /**
   * Of how many blocks of 4,096 elements one's state is checked in each step, a whole number from 1 to
   * 65,536: every block comes up once in so many steps. 1 checks all in every step. Default 16.
   */
  readonly stride?: number;
  /** Anything that JSON can hold, at most 32 levels deep: it goes into the header. */
  readonly note?: unknown;
  /**
   * Records what `ashlar verify` needs: the state before the first step, and each step's gradients,
   * or with what `seededGradients` makes only how to make them again. Default false.
   */
  readonly replay?: boolean | SeededGradients;
  /** Go on in a file that is there, after its last line. Default false: that file is refused. */
  readonly append?: boolean;
}

export interface LedgerSettings {
  readonly stride: number;
  readonly note: unknown;
  readonly replay: boolean | SeededGradients;
  readonly append: boolean;
}

const WHERE = "RunLedger.open";

/** @throws TypeError, RangeError */
export function readLedgerOptions(input: unknown): LedgerSettings {
  const options = optionObject(input, "options", WHERE);
  knownKeys(options, ["stride", "note", "replay", "append"], WHERE);
  const { stride = 16, note, replay = false, append = false } = options;
  return {
    stride: wholeNumberBetween(stride, 1, 65_536, "stride", WHERE),
    note: readNote(note),
    replay: typeof replay === "boolean" ? replay : requireSeeded(replay, "replay", WHERE),
    append: flag(append, "append", WHERE),
  };
}

/** What JSON makes of it, as of now. */
function readNote(note: unknown): unknown {
  if (note === undefined) return undefined;
  let text: string | undefined;
  try {
    text = JSON.stringify(note);
  } catch {
    // A cycle, or a bigint.
  }
  if (text === undefined) throw wrongKind("note", WHERE, "what JSON can hold", note);
  const plain: unknown = JSON.parse(text);
  if (isDeeper(plain, MOST_LEVELS)) {
    throw wrongValue("note", WHERE, `at most ${MOST_LEVELS} levels`, note);
  }
  return plain;
}
