// Deno and Bun, over what npm installed.

import { join } from "node:path";
import { findEngines } from "../find-engines.mjs";
import { checkReport, PROGRAM } from "./program.mjs";
import { freshProject, NotRun, run } from "./project.mjs";

/**
 * @param {string} name
 * @param {string} tool
 */
export const engine =
  (name, tool) => async (/** @type {import("./project.mjs").Context} */ context) => {
    const folder = await freshProject(context, name, { files: PROGRAM, tools: [tool] });
    const found = findEngines(folder).find((engine) => engine.name === name);
    if (!found?.binary) throw new NotRun(`${tool} has no program for this system`);
    const flags = found.flags.filter((flag) => !flag.startsWith("--allow-write"));
    const said = await run(found.binary, [...flags, join(folder, "main.js")], folder);
    return `${found.version}, ${checkReport(said)}`;
  };
