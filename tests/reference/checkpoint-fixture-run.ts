import type { LoadSource, StepReport } from "../../src/index.ts";

/** What the runs and the tests need of an optimizer. */
export interface Saved {
  readonly steps: number;
  digest(): string;
  configDigest(): string;
  toBytes(): Promise<Uint8Array<ArrayBuffer>>;
  dispose(): void;
}

/** A run of acts, each of which depends on its number alone, so that it can go on anywhere. */
export interface FixtureRun<Optimizer extends Saved = Saved> {
  /** As in the file's name: v1-NAME.safetensors. */
  readonly name: string;
  readonly class: string;
  make(): Promise<Optimizer>;
  /** Gives again what a file cannot hold. */
  load(source: LoadSource): Promise<Optimizer>;
  /** A step, or a part of one. */
  act(optimizer: Optimizer, number: number): StepReport | undefined;
  /** Acts before the checkpoint, and until `FURTHER_STEPS` later steps. */
  readonly savedAfter: number;
  readonly endsAfter: number;
}
