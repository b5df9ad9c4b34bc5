import { join } from "node:path";
import type { GeneratorData, LedgerParameter, StepRecord } from "../../ledger/format.ts";
import { GradientFileError, GradientReader } from "../../ledger/read-gradients.ts";
import { replayStep } from "../../ledger/replay-step.ts";
import { SeededGradients } from "../../ledger/seeded-gradients.ts";
import type { Gradient } from "../../optimizers/gradient-input.ts";
import { machineryOf, type Optimizer } from "../../optimizers/optimizer.ts";
import { quoted } from "../../state/files/file-error.ts";
import { InputFile } from "../input-file.ts";
import { ToolError } from "../tool-error.ts";
import { loadModule } from "./load-module.ts";

/** What gives a replay its gradients. */
export interface GradientSource {
  /** For people: the name of a file, or `seededGradients({ seed: 7, scale: 0.1 })`. */
  readonly title: string;
  /**
   * Takes the next step, as the ledger's line has it.
   *
   * @returns false where there are no gradients for it
   * @throws ToolError; what the step throws
   */
  step(
    optimizer: Optimizer,
    line: StepRecord,
    parameters: readonly LedgerParameter[],
  ): Promise<boolean>;
  close(): Promise<void>;
}

/** Those that were recorded beside the ledger. @throws errors of the system */
export async function recordedSource(folder: string, file: string): Promise<GradientSource> {
  const path = join(folder, file);
  const input = await InputFile.open(path);
  const reader = new GradientReader(input, "the file");
  const broken = (why: string) => new ToolError(`cannot read ${quoted(path)}: ${why}`);
  return {
    title: file,
    async step(optimizer, _line, parameters) {
      let recorded: Awaited<ReturnType<GradientReader["next"]>>;
      try {
        recorded = await reader.next(parameters);
      } catch (error) {
        throw error instanceof GradientFileError ? broken(error.message) : error;
      }
      if (recorded === null) return false;
      const { step } = recorded;
      if (step !== optimizer.steps) {
        throw broken(`expected the gradients of step ${optimizer.steps + 1}, got of ${step + 1}`);
      }
      replayStep(optimizer, recorded);
      return true;
    },
    close: () => input.close(),
  };
}

/** Those that a seed makes. */
export function seededSource(data: GeneratorData): GradientSource {
  const gradients = new SeededGradients(data);
  return {
    title: String(gradients),
    async step(optimizer, { absent }, parameters) {
      gradients.fill(optimizer);
      if (absent.length === 0) optimizer.step();
      else optimizer.step(viewsOf(optimizer, parameters, absent));
      return true;
    },
    close: async () => {},
  };
}

/** The gradients in the views of those that take part. */
function viewsOf(
  optimizer: Optimizer,
  parameters: readonly LedgerParameter[],
  absent: readonly number[],
): Record<string, Gradient> {
  const halves = machineryOf(optimizer).rule.settings.gradients !== "float32";
  const views = parameters
    .filter((_, index) => !absent.includes(index))
    .map(({ name }): [string, Gradient] => {
      return [name, halves ? optimizer.gradient16(name) : optimizer.gradient(name)];
    });
  return Object.fromEntries(views);
}

/** Gradients of a module of the caller's: of parameter `name` in the step of that index, from 0. */
type GradientFunction = (step: number, name: string) => unknown;

/** @throws ToolError for a module without a default function; what loading it throws */
export async function moduleSource(path: string): Promise<GradientSource> {
  const { default: gradientOf } = (await loadModule(path)) as { default?: unknown };
  if (typeof gradientOf !== "function") {
    const expected = "a default export (step, name) => Float32Array | null";
    throw new ToolError(
      `cannot use ${quoted(path)}: expected ${expected}, got ${typeof gradientOf}`,
    );
  }
  return {
    title: path,
    async step(optimizer, _line, parameters) {
      const { steps } = optimizer;
      const gradients: [string, Gradient][] = [];
      for (const { name } of parameters) {
        const gradient = await (gradientOf as GradientFunction)(steps, name);
        if (gradient !== null) gradients.push([name, gradient as Gradient]);
      }
      optimizer.step(Object.fromEntries(gradients));
      return true;
    },
    close: async () => {},
  };
}
