import type { LoadSource, SaveTarget } from "../../src/index.ts";

/** Files of sharded checkpoints in memory, which all ranks of a process share. */
export class ShardFiles {
  /** By name, each whole: a file that is not closed is not here. */
  readonly files: Map<string, Uint8Array>;
  /** What opens the target of a name fails with; undefined where it works. */
  failure: (name: string) => Error | undefined = () => undefined;

  constructor(files: Iterable<readonly [string, Uint8Array]> = []) {
    this.files = new Map(files);
  }

  readonly target = (name: string): SaveTarget => {
    const failure = this.failure(name);
    if (failure) throw failure;
    const chunks: Uint8Array[] = [];
    return new WritableStream<Uint8Array>({
      write: (chunk) => {
        chunks.push(chunk.slice());
      },
      close: () => {
        this.files.set(name, Buffer.concat(chunks));
      },
    });
  };

  readonly source = async (name: string): Promise<LoadSource> => {
    const file = this.files.get(name);
    if (!file) throw new Error(`no ${name}`);
    return new Uint8Array(file);
  };

  get names(): string[] {
    return [...this.files.keys()].sort();
  }

  copy(): ShardFiles {
    return new ShardFiles(this.files);
  }
}
