import { CountingCollective } from "../../examples/data-parallel/counting-collective.ts";
import type { Reduction } from "../../src/sharded/index.ts";
import type { Place } from "./task.ts";

/**
 * Counts bytes, and dies where it is told to: after it has begun the second exchange of its kind, while
 * others wait for what it has not sent.
 */
export class MortalCollective extends CountingCollective {
  #dies: { readonly place: Place; readonly die: () => Promise<never> } | null = null;
  #sums = 0;
  #barriers = 0;
  #weights = 0;

  /** From now on: in the step that comes. */
  dieIn(place: Place, die: () => Promise<never>): void {
    this.#dies = { place, die };
  }

  override async reduceScatter(
    parts: readonly Float32Array[],
    into: Float32Array,
    reduction: Reduction,
  ): Promise<void> {
    const call = super.reduceScatter(parts, into, reduction);
    if (this.#dies?.place === "sums" && ++this.#sums === 2) {
      // Nobody will await it.
      call.catch(() => {});
      await this.#dies.die();
    }
    await call;
  }

  override async allGather(parts: readonly Uint8Array[]): Promise<void> {
    // Weights come after the barrier, and nothing else before the end of the step.
    const dies = this.#dies?.place === "weights" && this.#barriers > 0 && ++this.#weights === 2;
    if (dies) await this.#dies?.die();
    await super.allGather(parts);
  }

  override async barrier(): Promise<void> {
    await super.barrier();
    if (this.#dies) this.#barriers++;
  }
}
