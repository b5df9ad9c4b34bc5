import { mismatch, show, showShape, wrongValue } from "../../errors.ts";
import type { Leaf } from "./tree.ts";

type Shapes = ReadonlyMap<string, readonly number[]>;

/** The trees of one call, as messages name them. */
export type NamedLeaves = readonly (readonly [what: string, leaves: readonly Leaf[]])[];

const placeOf = (what: string, path: string) => `${what} at ${path}`;

/**
 * Checks that all arrays are float32, and that as many uses of each are left as the call takes.
 *
 * @throws RangeError naming the first that is not
 */
export function checkArrays(trees: NamedLeaves, where: string): void {
  const uses = new Map<unknown, number>();
  for (const [what, leaves] of trees) {
    for (const { path, array } of leaves) {
      const place = placeOf(what, path);
      const needed = (uses.get(array) ?? 0) + 1;
      uses.set(array, needed);
      if (array.refCount < needed) {
        const expected = `an array with ${needed === 1 ? "a use" : `${needed} uses`} left`;
        const got = `one with ${array.refCount}`;
        throw new RangeError(
          mismatch(place, where, expected, got, "Give away array.ref to use it again"),
        );
      }
      if (array.dtype !== "float32") {
        const remedy = "Convert it: array.astype(np.float32)";
        throw wrongValue(`dtype of ${place}`, where, "float32", array.dtype, remedy);
      }
    }
  }
}

/** @throws RangeError where the parameters are not just those of init */
export function checkParams(leaves: readonly Leaf[], shapes: Shapes, where: string): void {
  checkShapes("params", leaves, shapes, where);
  if (leaves.length === shapes.size) return;
  const given = new Set(leaves.map(({ path }) => path));
  const missing = [...shapes.keys()].find((path) => !given.has(path));
  throw new RangeError(
    mismatch("params", where, "the same parameters as in init", `none at ${show(missing)}`),
  );
}

/** @throws RangeError for a gradient of no parameter, or of another shape than its */
export function checkShapes(
  what: string,
  leaves: readonly Leaf[],
  shapes: Shapes,
  where: string,
): void {
  for (const { path, array } of leaves) {
    const shape = shapes.get(path);
    if (!shape) throw wrongValue(what, where, "paths of parameters of init", path);
    if (shape.length === array.shape.length && shape.every((size, i) => size === array.shape[i])) {
      continue;
    }
    const [expected, got] = [shape, array.shape].map(showShape);
    throw new RangeError(mismatch(`shape of ${placeOf(what, path)}`, where, expected, got));
  }
}
