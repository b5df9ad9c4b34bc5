import { type ParseArgsConfig, parseArgs } from "node:util";
import { UsageError } from "./tool-error.ts";

type Options = NonNullable<ParseArgsConfig["options"]>;
type Parsed<Given extends Options> = ReturnType<
  typeof parseArgs<{ options: Given; allowPositionals: true; strict: true }>
>;

/**
 * Takes a command line apart.
 *
 * @param names  what the arguments are, which must all be there: ["FILE"]
 * @throws UsageError
 */
export function readArguments<const Given extends Options>(
  args: readonly string[],
  options: Given,
  names: readonly string[],
): Parsed<Given> {
  const { values, positionals } = parse(args, options);
  if (positionals.length < names.length) {
    throw new UsageError(`expected ${names.join(" and ")}, got ${count(positionals)}`);
  }
  if (positionals.length > names.length) {
    const [more] = positionals.slice(names.length);
    throw new UsageError(`expected ${names.join(" and ")} only, got "${more}" too`);
  }
  return { values, positionals } as Parsed<Given>;
}

function parse<const Given extends Options>(
  args: readonly string[],
  options: Given,
): Parsed<Given> {
  try {
    return parseArgs({
      args: [...args],
      options,
      allowPositionals: true,
      strict: true,
    }) as Parsed<Given>;
  } catch (error) {
    // Of its own errors, which say what is wrong; a remedy of another kind may follow.
    const { message } = error as Error;
    throw new UsageError(message.split(/\. |\n/)[0]);
  }
}

function count(positionals: readonly string[]): string {
  return positionals.length === 0 ? "nothing" : `only "${positionals.join('", "')}"`;
}
