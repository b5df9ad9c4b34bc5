import { realistic } from "./patterns.ts";

export { realistic } from "./patterns.ts";

// Parameters by name and shape, with seeded data.

export type Shapes = Readonly<Record<string, readonly number[]>>;

export const lengthOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

export interface Spec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export function specs(shapes: Shapes, seed: number): Spec[] {
  return Object.entries(shapes).map(([name, shape], i) => ({
    name,
    shape,
    data: realistic(lengthOf(shape), 1_000_000 * seed + i),
  }));
}

/** A gradient for each parameter. */
export function gradientsFor(shapes: Shapes, seed: number): Record<string, Float32Array> {
  const entries = Object.entries(shapes).map(([name, shape], i) => {
    return [name, realistic(lengthOf(shape), 100 * seed + i)] as const;
  });
  return Object.fromEntries(entries);
}
