// The entries of a package that programs import, as they write them.

/** A file that is read, or started by a worker. */
const FILE = /\.(wasm|json|js)$/;

/** @param {{ exports: Record<string, unknown> }} manifest  @returns {string[]} as "./core.wasm" */
export const filesOf = ({ exports }) => Object.keys(exports).filter((path) => FILE.test(path));

/**
 * @param {{ name: string, exports: Record<string, unknown> }} manifest
 * @returns {string[]} as "ashlar", "ashlar/schedules"
 */
export function entriesOf({ name, exports }) {
  return Object.keys(exports)
    .filter((path) => !FILE.test(path))
    .map((path) => name + path.slice(1));
}
