import { loadSamples } from "../language-detector/files.ts";
import { loadPretrained } from "../language-detector/model.ts";
import { makeTask, type Task } from "./task.ts";

/** The task, out of the packages that are installed. @throws Error naming what is missing */
export function readTask(): Task {
  return makeTask({ model: loadPretrained(), ...loadSamples() });
}
