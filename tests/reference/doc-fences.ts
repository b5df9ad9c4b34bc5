import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A block of a document between fences. */
export interface Fence {
  /** "" where it has none. */
  readonly language: string;
  readonly code: string;
  /** Line of the document on which the code begins, counted from 1. */
  readonly line: number;
}

/** All blocks of a document, in its order. @throws Error for a fence that is never closed */
export function fencesOf(text: string): Fence[] {
  const fences: Fence[] = [];
  let open: { language: string; line: number; lines: string[] } | null = null;
  for (const [index, line] of text.split("\n").entries()) {
    const fence = /^```(\w*)/.exec(line);
    if (!fence) open?.lines.push(line);
    else if (!open) open = { language: fence[1], line: index + 2, lines: [] };
    else {
      fences.push({ language: open.language, code: open.lines.join("\n"), line: open.line });
      open = null;
    }
  }
  if (open) throw new Error(`line ${open.line}: the block has no end`);
  return fences;
}

/** Whether a block of js is a tool's configuration, named by its first line: it prints nothing. */
export const isConfig = (code: string): boolean =>
  /^\/\/ [\w./-]+\.m?[jt]s\n/.test(code) && !code.includes("console.log(");

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly scripts: Readonly<Record<string, string>>;
}

/** Options that a program's folder, or the program alone, knows. */
function knowsFlag(program: string, flag: string): boolean {
  const source = program.replace(/^dist\/(.*)\.js$/, "$1.ts");
  const folder = dirname(source);
  const files = ["scripts", "bench"].includes(folder)
    ? [source, ...(existsSync(join(folder, "cli.ts")) ? [join(folder, "cli.ts")] : [])]
    : readdirSync(folder).map((name) => join(folder, name));
  const name = flag.slice(2);
  const pattern = new RegExp(`--${name}\\b|["']${name}["']|\\b${name}: \\{`);
  return files.some((file) => /\.m?[jt]s$/.test(file) && pattern.test(readFileSync(file, "utf8")));
}

/**
 * What is wrong with a command of a document, or undefined: each must be a script of the package, a
 * command of its tool, or something npm and Node themselves do.
 *
 * @param commands of the tool, with their usage
 */
export function commandFault(
  command: string,
  { name, version, scripts }: Manifest,
  commands: readonly { readonly name: string; readonly usage: string }[],
): string | undefined {
  const [before, after = ""] = command.split(" -- ");
  const flags = Array.from(command.matchAll(/(?<=\s)--[a-z][a-z-]*/g), ([flag]) => flag);
  const script = /^npm (?:run )?(start|test)$|^npm run ([\w:-]+)$/.exec(before);
  if (script) {
    const line = scripts[script[1] ?? script[2]];
    if (line === undefined) return "no such script in package.json";
    const program = /node (\S+)[^&]*$/.exec(line)?.[1] ?? "";
    const unknown = flags.find((flag) => !knowsFlag(program, flag));
    return unknown && `${program} does not know ${unknown}`;
  }
  if (after !== "") return "only scripts take what is after --";
  const tool = /^(?:(?:npx|bunx) |deno run -A npm:)?ashlar (\w+)/.exec(command);
  if (tool) {
    const found = commands.find((each) => each.name === tool[1]);
    if (!found) return `no command ${tool[1]}`;
    const unknown = flags.find((flag) => !found.usage.includes(flag));
    return unknown && `${tool[1]} does not know ${unknown}`;
  }
  const program = /^(?:mpirun -n \d+ )?node (\S+)/.exec(command)?.[1];
  if (program) return existsSync(program) ? undefined : `no file ${program}`;
  const install = /^(?:npm install|pnpm add|yarn add|bun add|deno add) (\S+)$/.exec(command)?.[1];
  if (install) {
    const ours = [name, `npm:${name}`, `path/to/${name}-${version}.tgz`];
    return ours.includes(install) ? undefined : `not this package: ${install}`;
  }
  return ["npm ci", "npm pack"].includes(command) ? undefined : "not known here";
}

/** The commands of a block for a shell, without comments and prompts. */
export function commandsOf(code: string): string[] {
  return code
    .split("\n")
    .flatMap((line) =>
      line
        .replace(/^\$ /, "")
        .replace(/\s+#.*$/, "")
        .split(" && "),
    )
    .map((command) => command.trim())
    .filter((command) => command !== "" && !command.startsWith("#"));
}

/** What an engine says of a module that it does not run, or undefined. */
export function moduleFault(code: string): string | undefined {
  const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "--check"], {
    input: code,
    encoding: "utf8",
  });
  return status === 0 ? undefined : stderr;
}

/** As moduleFault, for Python; "absent" where there is none. */
export function pythonFault(code: string): string | undefined {
  const program = "import ast, sys; ast.parse(sys.stdin.read())";
  const { status, stderr, error } = spawnSync("python3", ["-c", program], {
    input: code,
    encoding: "utf8",
  });
  if (error) return "absent";
  return status === 0 ? undefined : stderr;
}

/** The headings of a document as GitHub links to them. */
export function anchorsOf(text: string): Set<string> {
  const withoutBlocks = text.replace(/^```[\s\S]*?^```$/gm, "");
  return new Set(
    Array.from(withoutBlocks.matchAll(/^#+ (.*)$/gm), ([, heading]) =>
      heading
        .toLowerCase()
        .replace(/[^\w\s-]/g, "")
        .trim()
        .replaceAll(" ", "-"),
    ),
  );
}
