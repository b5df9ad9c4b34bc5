import { mismatch, printable, show, wrongKind } from "../../errors.ts";
import { isPlainRecord } from "../../validate.ts";
import { isJaxArray, isTracer, type JaxArray } from "./arrays.ts";

/** An array of a tree, and its path: keys and indices with dots between them. */
export interface Leaf {
  readonly path: string;
  readonly array: JaxArray;
}

/** The path of a tree that is nothing but an array. */
const ROOT = "params";

const below = (path: string, key: string | number) => (path === "" ? `${key}` : `${path}.${key}`);

/** Whether it is a branch, as jax-js sees it: a list, or an object of no class. */
function branches(tree: unknown): [string | number, unknown][] | null {
  if (Array.isArray(tree)) return [...tree.entries()];
  return isPlainRecord(tree) ? Object.entries(tree) : null;
}

/**
 * The arrays of a tree in its order. null and undefined stand for none.
 *
 * @throws TypeError for any other leaf, naming its path; RangeError for a path that is there twice
 */
export function leavesOf(tree: unknown, what: string, where: string): Leaf[] {
  const leaves: Leaf[] = [];
  const paths = new Set<string>();
  const visit = (node: unknown, path: string) => {
    if (node === null || node === undefined) return;
    const entries = isJaxArray(node) ? null : branches(node);
    if (entries) {
      for (const [key, child] of entries) visit(child, below(path, key));
      return;
    }
    const leaf = readLeaf(node, path || ROOT, what, where);
    if (paths.has(leaf.path)) {
      throw new RangeError(
        `"${what}" of ${where}: expected each path once, got ${show(leaf.path)} twice. ` +
          "A dot in a key stands for a branch",
      );
    }
    paths.add(leaf.path);
    leaves.push(leaf);
  };
  visit(tree, "");
  return leaves;
}

function readLeaf(node: unknown, path: string, what: string, where: string): Leaf {
  if (isJaxArray(node)) return { path, array: node };
  const name = `${what} at ${printable(path)}`;
  if (isTracer(node)) {
    const remedy = "The optimizer runs outside of jit, grad and vmap";
    throw new TypeError(
      mismatch(name, where, "an array of jax-js", "one that is being traced", remedy),
    );
  }
  throw wrongKind(name, where, "an array of jax-js, or null for none", node);
}

/** The same tree with other arrays, asked for by path; what is no array stays. */
export function mapTree<Tree>(tree: Tree, arrayOf: (path: string) => JaxArray): Tree {
  const visit = (node: unknown, path: string): unknown => {
    if (node === null || node === undefined) return node;
    if (isJaxArray(node)) return arrayOf(path || ROOT);
    // leavesOf has refused anything else.
    const entries = branches(node) as [string | number, unknown][];
    const mapped = entries.map(([key, child]) => [key, visit(child, below(path, key))] as const);
    return Array.isArray(node) ? mapped.map(([, child]) => child) : Object.fromEntries(mapped);
  };
  return visit(tree, "") as Tree;
}
