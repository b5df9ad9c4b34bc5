import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageFolder } from "../common/packages.ts";
import { type PretrainedModel, parseModel, type WeightsManifest } from "./model-format.ts";

const PACKAGE = "@vscode/vscode-languagedetection";

/** The model's files, out of the package that VS Code installs: one run of bytes a group. */
export function readModelFiles(): { model: WeightsManifest; shards: Uint8Array[] } {
  const folder = join(packageFolder(PACKAGE), "model");
  const model = JSON.parse(readFileSync(join(folder, "model.json"), "utf8")) as WeightsManifest;
  const shards = model.weightsManifest.map(({ paths }) =>
    Buffer.concat(paths.map((path) => readFileSync(join(folder, path)))),
  );
  return { model, shards };
}

/** @throws Error naming the package if it is not installed or not the model that we know */
export function loadPretrained(): PretrainedModel {
  const { model, shards } = readModelFiles();
  try {
    return parseModel(model, shards);
  } catch (error) {
    throw new Error(`package "${PACKAGE}": ${(error as Error).message}`);
  }
}
