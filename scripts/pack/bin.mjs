// The tool of the package, as npm links it.

import { freshProject, npm } from "./project.mjs";

/** @param {import("./project.mjs").Context} context */
export async function bin(context) {
  const folder = await freshProject(context, "bin", {});
  const { name, version } = context.manifest;
  const said = (await npm(["exec", "--offline", "--", name, "--version"], folder)).trim();
  if (said !== `${name} ${version}`) throw new Error(`expected ${name} ${version}, got ${said}`);
  return said;
}
