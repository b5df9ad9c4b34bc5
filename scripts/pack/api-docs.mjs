// The API reference, by typedoc. It reads programs by the JavaScript API of TypeScript, which the
// native compiler of this project does not have: so it runs in a project of its own, with another
// TypeScript, over the sources of this one.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { entriesOf } from "./entries.mjs";
import { freshProject, node } from "./project.mjs";

const TOOLS = ["typedoc@0.28.20", "typescript@6.0.3"];

const GENERATE = `import { Application, ConsoleLogger, Converter, LogLevel, ReflectionKind } from "typedoc";
const { root, out, title, sources } = JSON.parse(process.argv[2]);
const warnings = [];
const app = await Application.bootstrap({
  entryPoints: Object.keys(sources).map((path) => root + "/" + path), basePath: root,
  tsconfig: "tsconfig.json",
  name: title, readme: "none", disableGit: true, disableSources: true, hideGenerator: true,
  excludePrivate: true, excludeProtected: true, excludeInternal: true,
  sortEntryPoints: false, navigation: { includeFolders: false },
  // The reasons of a refusal: docs/checkpoint.md has them as a table.
  intentionallyNotExported: ["FILE_REASONS", "STATE_REASONS"],
  validation: {
    notExported: true, invalidLink: true, invalidPath: true, rewrittenLink: true,
    notDocumented: true, unusedMergeModuleWith: true,
  },
});
app.logger = new (class extends ConsoleLogger {
  log(message, level) {
    if (level >= LogLevel.Warn) warnings.push(message.replaceAll(root + "/", ""));
  }
})();
// A module is called what programs import.
app.converter.on(Converter.EVENT_CREATE_DECLARATION, ({ project }, reflection) => {
  if (!reflection.kindOf(ReflectionKind.Module)) return;
  reflection.name = sources[project.getSymbolIdFromReflection(reflection)?.packagePath] ?? reflection.name;
});
// Docstrings set formulas in by two spaces, and begin lines with "Source:": Markdown needs more.
app.converter.on(Converter.EVENT_RESOLVE, (_, { comment }) => {
  for (const part of comment?.summary ?? []) {
    if (part.kind !== "text") continue;
    part.text = part.text
      .replace(/\\n(Source|Cost)\\b/g, "\\n\\n$1")
      .replace(/(?<=\\n\\n)((?: {2,}\\S.*(?:\\n|$))+)/g, (lines) => lines.replaceAll(/^ {2}/gm, "    "));
  }
});
const project = await app.convert();
if (project) {
  app.validate(project);
  await app.generateDocs(project, out);
}
const KINDS = ReflectionKind.SomeExport | ReflectionKind.SomeMember;
const names = project?.getReflectionsByKind(KINDS).length ?? 0;
console.log(JSON.stringify({ names, warnings }));
`;

/**
 * Writes the reference of every entry of the package.
 * @param {string} root  the project
 * @param {string} work  where the project of the tool is made
 * @param {string} out   emptied first, by typedoc
 * @returns {Promise<{ names: number, entries: number, warnings: string[] }>}
 */
export async function makeApiDocs(root, work, out) {
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const { name, version, exports } = manifest;
  const entries = entriesOf(manifest);
  const sources = Object.fromEntries(
    entries.map((entry) => {
      const { types } = exports[`.${entry.slice(name.length)}`];
      return [types.replace("./dist/", "").replace(/\.d\.ts$/, ".ts"), entry];
    }),
  );
  // The entries and what they import: tests and examples are nobody's API.
  const tsconfig = {
    extends: join(root, "tsconfig.json"),
    compilerOptions: {
      rootDir: root,
      typeRoots: [join(root, "node_modules/@types")],
      pretty: false,
    },
    files: Object.keys(sources).map((path) => join(root, path)),
    include: [],
  };
  const files = { "generate.mjs": GENERATE, "tsconfig.json": JSON.stringify(tsconfig) };
  const folder = await freshProject({ work }, "api-docs", { files, tools: TOOLS });
  const options = { root, out, title: `${name} ${version}`, sources };
  const said = await node(["generate.mjs", JSON.stringify(options)], folder);
  return { ...JSON.parse(said.trim().split("\n").at(-1) ?? ""), entries: entries.length };
}

/** @param {import("./project.mjs").Context} context */
export async function apiDocs({ root, work }) {
  const { names, entries, warnings } = await makeApiDocs(root, work, join(work, "api"));
  if (warnings.length > 0) throw new Error(`${warnings.length} warnings; first ${warnings[0]}`);
  return `${names} names of ${entries} entries, 0 warnings`;
}
