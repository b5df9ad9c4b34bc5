import type { Command } from "./command.ts";
import { compare } from "./commands/compare.ts";
import { convert } from "./commands/convert.ts";
import { diff } from "./commands/diff.ts";
import { inspect } from "./commands/inspect.ts";
import { verify } from "./commands/verify.ts";

/** In the order of the help. */
export const COMMANDS: readonly Command[] = [inspect, diff, convert, compare, verify];
