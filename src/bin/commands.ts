import type { Command } from "./command.ts";
import { convert } from "./commands/convert.ts";
import { diff } from "./commands/diff.ts";
import { inspect } from "./commands/inspect.ts";

/** In the order of the help. */
export const COMMANDS: readonly Command[] = [inspect, diff, convert];
