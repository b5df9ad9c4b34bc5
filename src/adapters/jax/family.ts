import type { LoadOptions } from "../../optimizers/checkpoint/load-options.ts";
import type { Optimizer } from "../../optimizers/optimizer.ts";
import type { LoadSource } from "../../state/sources/open-source.ts";
import { assignGroups, readGroups, requireTaken } from "../groups.ts";
import type { Values } from "./read-arrays.ts";
import type { Leaf } from "./tree.ts";

type Options = Readonly<Record<string, unknown>>;

/** Parameters and options of a class, as it takes them. */
export interface Ingredients {
  /** A list of named parameters, or of groups of them. */
  readonly parameters: never;
  readonly options: Options;
}

/** A class of the family. */
export interface Family<Made extends Optimizer> {
  /** The function's, for messages. */
  readonly name: string;
  make(ingredients: Ingredients): Made;
  create(ingredients: Ingredients): Promise<Made>;
  load(source: LoadSource, ingredients: Ingredients, options: LoadOptions): Promise<Made>;
}

/** Parameters named by path, in the groups that the options describe. */
export function parametersOf(
  leaves: readonly Leaf[],
  values: Values,
  { groups, ...options }: Options,
): Ingredients {
  const specs = new Map(
    leaves.map(({ path, array }) => {
      return [path, { name: path, shape: [...array.shape], data: values.get(path) }];
    }),
  );
  // Checked by the class that they go to.
  if (groups === undefined) return { parameters: [...specs.values()] as never, options };
  const read = readGroups(groups);
  const assigned = assignGroups([...specs.keys()], read);
  requireTaken(read, assigned);
  const parameters = assigned.map(({ name, options, names }) => {
    return { ...options, name, params: names.map((path) => specs.get(path)) };
  });
  return { parameters: parameters as never, options };
}
