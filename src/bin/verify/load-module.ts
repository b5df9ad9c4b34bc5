import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { quoted } from "../../state/files/file-error.ts";
import { ToolError } from "../tool-error.ts";

/** Loads a JavaScript module of the caller's, which runs it. @throws ToolError with what it throws */
export async function loadModule(path: string): Promise<object> {
  try {
    return (await import(pathToFileURL(resolve(path)).href)) as object;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ToolError(`cannot load ${quoted(path)}: ${why}`, { cause });
  }
}
