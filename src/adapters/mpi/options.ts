import { wrongKind } from "../../errors.ts";
import { knownKeys, optionObject, wholeNumberBetween } from "../../validate.ts";

/** How a process joins the ranks that mpirun has started. */
export interface MpiOptions {
  /** Path of Open MPI's library, where it lies in no usual place. */
  readonly library?: string;
  /**
   * Milliseconds that a call of MPI may take, 1 to 2^31 - 1: it ends with RANK_LOST then. It must be
   * longer than any rank lets the others wait. Default: 600,000, ten minutes, as in torch.distributed.
   */
  readonly timeout?: number;
}

const WHERE = "the options";
const MOST_MILLISECONDS = 0x7fff_ffff;

/** The options with their defaults. @throws TypeError or RangeError */
export function readOptions(given: unknown = {}): { library: string | undefined; timeout: number } {
  const options = optionObject(given, "options", "joinMpi");
  knownKeys(options, ["library", "timeout"], WHERE);
  const { library, timeout = 600_000 } = options;
  if (library !== undefined && typeof library !== "string") {
    throw wrongKind("library", WHERE, "a path", library);
  }
  return { library, timeout: wholeNumberBetween(timeout, 1, MOST_MILLISECONDS, "timeout", WHERE) };
}
