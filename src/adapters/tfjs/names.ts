import { mismatch, show, showShape } from "../../errors.ts";

/** What names are matched by, besides themselves. */
export interface Named {
  readonly name: string;
  readonly shape: readonly number[];
}

/**
 * Finds the saved parameter that each variable is. TensorFlow.js renames variables: a model that is
 * loaded beside another has "dense/kernel_1" for "dense/kernel", and variables without a name are
 * numbered as they come. So a name counts as it is, then without such an ending where that is
 * unambiguous, and numbered variables go by their order.
 *
 * @param saved the parameters that no variable is yet
 * @returns name of variable to name of parameter; without those that are new
 * @throws RangeError where a variable could be a saved parameter, but which one is unclear
 */
export function matchSaved(
  variables: readonly Named[],
  saved: readonly Named[],
): Map<string, string> {
  const found = new Map<string, string>();
  const left = new Map(saved.map((each) => [each.name, each]));
  const take = (variable: Named, { name }: Named) => {
    found.set(variable.name, name);
    left.delete(name);
  };
  const numbered = (list: Iterable<Named>) => [...list].filter(({ name }) => /^\d+$/.test(name));
  const [ours, theirs] = [numbered(variables), numbered(saved)];
  if (ours.length > 0 && ours.length === theirs.length && ours.every(sameShapeAs(theirs))) {
    ours.forEach((variable, index) => {
      take(variable, theirs[index]);
    });
  }
  const open = () => variables.filter(({ name }) => !found.has(name) && !ours.some(isNamed(name)));
  for (const variable of open()) {
    const same = left.get(variable.name);
    if (same) take(variable, requireShape(variable, same));
  }
  for (const variable of open()) {
    const alike = [...left.values()].filter(({ name }) => stem(name) === stem(variable.name));
    const rivals = open().filter(({ name }) => stem(name) === stem(variable.name));
    if (alike.length === 1 && rivals.length === 1) take(variable, requireShape(variable, alike[0]));
  }
  refuseUnclear(
    variables.filter(({ name }) => !found.has(name)),
    [...left.values()],
  );
  return found;
}

const stem = (name: string) => name.replace(/_\d+$/, "");
const text = ({ shape }: Named) => showShape(shape);
const isNamed = (name: string) => (other: Named) => other.name === name;
const sameShapeAs = (others: readonly Named[]) => (each: Named, index: number) =>
  text(each) === text(others[index]);

function requireShape(variable: Named, saved: Named): Named {
  if (text(variable) === text(saved)) return saved;
  const where = `variable ${show(variable.name)}`;
  const expected = `${text(saved)}, as its saved state ${show(saved.name)}`;
  throw new RangeError(mismatch("shape", where, expected, text(variable)));
}

/** To begin anew where there is saved state of that shape would be a silent loss of it. */
function refuseUnclear(variables: readonly Named[], saved: readonly Named[]): void {
  for (const variable of variables) {
    const could = saved.filter((each) => text(each) === text(variable));
    if (could.length === 0) continue;
    const names = could.slice(0, 3).map(({ name }) => show(name));
    throw new RangeError(
      mismatch(
        "name",
        `variable ${show(variable.name)}`,
        `the name of saved state, such as ${names.join(", ")}`,
        show(variable.name),
        "Name it so, or let go of the saved state that is not used: optimizer.forgetUnused()",
      ),
    );
  }
}
