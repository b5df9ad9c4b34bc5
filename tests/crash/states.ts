import { apply, type Change, type Inode, type SimulatedDisk } from "./disk.ts";

// What may be left of a disk when the power fails. POSIX says little, so that much may be:
// - of contents that were not synced: any length, at the bounds of blocks or the end, and of each
//   block the new bytes or the old ones, zeros where there were none;
// - of names that were not synced: any of the changes, in their order. "whole" keeps a change's names
//   together, as journals do; "torn" may also keep the new name of a rename and not lose the old one,
//   or the other way round.

export type NameModel = "whole" | "torn";
/** Contents by name; one array for several names is one file. */
export type DiskState = ReadonlyMap<string, Uint8Array>;

export const BLOCK = 8;

/** Every state that a crash right now may leave. */
export function* crashStates(disk: SimulatedDisk, model: NameModel): Generator<DiskState> {
  const changes = disk.pending.flatMap(({ names }): Change["names"][] =>
    model === "whole" ? [names] : names.map((pair) => [pair]),
  );
  for (let chosen = 0; chosen < 2 ** changes.length; chosen++) {
    const names = new Map(disk.synced);
    changes.forEach((change, i) => {
      if (chosen & (1 << i)) apply(names, change);
    });
    yield* withContents([...names], new Map());
  }
}

/** One file after the other: each of its possible contents with each of the others'. */
function* withContents(
  names: readonly (readonly [string, Inode])[],
  chosen: ReadonlyMap<Inode, Uint8Array>,
): Generator<DiskState> {
  const open = names.find(([, inode]) => !chosen.has(inode));
  if (!open) {
    yield new Map(names.map(([name, inode]) => [name, chosen.get(inode) as Uint8Array]));
    return;
  }
  for (const contents of possibleContents(open[1])) {
    yield* withContents(names, new Map([...chosen, [open[1], contents]]));
  }
}

function* possibleContents({ synced, current }: Inode): Generator<Uint8Array> {
  if (synced === current) {
    yield current;
    return;
  }
  const longest = Math.max(synced.length, current.length);
  const lengths = new Set([synced.length, current.length]);
  for (let length = 0; length <= longest; length += BLOCK) lengths.add(length);
  for (const length of lengths) {
    const blocks = Math.ceil(length / BLOCK);
    for (let chosen = 0; chosen < 2 ** blocks; chosen++) {
      const contents = new Uint8Array(length);
      contents.set(synced.subarray(0, length));
      for (let block = 0; block < blocks; block++) {
        if (!(chosen & (1 << block))) continue;
        const begin = block * BLOCK;
        const fresh = current.subarray(begin, Math.min(begin + BLOCK, length));
        contents.set(fresh, begin);
      }
      yield contents;
    }
  }
}

/** Equal for equal states. */
export function keyOf(state: DiskState): string {
  const contents = [...state.values()];
  const parts = Array.from(state, ([name, bytes]) => {
    const links = contents.reduce((count, other) => count + Number(other === bytes), 0);
    return `${name} ${links} ${Buffer.from(bytes).toString("latin1")}`;
  });
  return parts.sort().join("\n");
}
