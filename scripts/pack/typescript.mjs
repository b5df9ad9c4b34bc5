// TypeScript: strict, every entry used, with the declarations of the package checked too.

import { entriesOf } from "./entries.mjs";
import { freshProject, node } from "./project.mjs";

const VERSIONS = ["7.0.2", "5.9.3"];
const RESOLUTIONS = [
  { name: "node16", module: "node16", moduleResolution: "node16" },
  { name: "nodenext", module: "nodenext", moduleResolution: "nodenext" },
  { name: "bundler", module: "esnext", moduleResolution: "bundler" },
];

const TYPED = `
import { AdamW, type StepReport } from "ashlar";
const optimizer: AdamW = await AdamW.create({ weight: new Float32Array(8) }, { lr: 0.01 });
optimizer.gradient("weight").fill(0.5);
const { applied, step }: StepReport = optimizer.step();
export const said: string = \`\${applied} \${step} \${optimizer.digest()}\`;
// @ts-expect-error a declaration that is not found would be any, and this no error
export const wrong: number = optimizer.digest();
`;

/** @param {string[]} entries */
const importing = (entries) =>
  entries.map((entry, i) => `import * as entry${i} from "${entry}";\nvoid entry${i};\n`).join("");
/** @param {string[]} entries */
const requiring = (entries) =>
  entries.map((entry, i) => `import entry${i} = require("${entry}");\nvoid entry${i};\n`).join("");

/** @param {import("./project.mjs").Context} context */
export async function typescript(context) {
  const { manifest } = context;
  const entries = entriesOf(manifest);
  // Declarations of adapters speak of the types of their frameworks, which their users have.
  const peers = Object.keys(manifest.peerDependencies ?? {}).map(
    (name) => `${name}@${manifest.devDependencies?.[name] ?? manifest.peerDependencies[name]}`,
  );
  for (const version of VERSIONS) {
    const files = /** @type {Record<string, string>} */ ({
      "main.ts": importing(entries) + TYPED,
      "main.cts": requiring(entries),
    });
    for (const { name, ...options } of RESOLUTIONS) {
      files[`tsconfig.${name}.json`] = JSON.stringify({
        compilerOptions: {
          ...{ strict: true, noEmit: true, target: "es2022", lib: ["es2022", "dom"], types: [] },
          ...{ exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true },
          ...options,
        },
        // CommonJS may require ES modules in nodenext.
        files: name === "nodenext" ? ["main.ts", "main.cts"] : ["main.ts"],
      });
    }
    const folder = await freshProject(context, `typescript-${version}`, {
      files,
      tools: [`typescript@${version}`, ...peers],
    });
    for (const { name } of RESOLUTIONS) {
      const tsc = ["node_modules/typescript/bin/tsc", "--project", `tsconfig.${name}.json`];
      await node(tsc, folder).catch(({ message }) => {
        throw new Error(`${version}, ${name}: ${message}`);
      });
    }
  }
  const names = RESOLUTIONS.map(({ name }) => name).join(", ");
  return `${VERSIONS.join(" and ")} with ${names}; ${entries.length} entries`;
}
