import type { FileHandle, SyncFile, WritableFile } from "../../src/state/files/file-handle.ts";

// A file of a browser, as its standard says (https://fs.spec.whatwg.org).

export interface FakeFile {
  contents: Uint8Array<ArrayBuffer>;
  /** Bytes that it may have at most. */
  quota: number;
  isLocked: boolean;
}

export const fakeFile = (contents = new Uint8Array(0)): FakeFile => ({
  contents,
  quota: 1e9,
  isLocked: false,
});

const quotaExceeded = () => new DOMException("The quota has been exceeded.", "QuotaExceededError");

/** A handle with createWritable: what is written shows when the stream is closed. */
export function handleOf(file: FakeFile, name = "m.safetensors"): FileHandle {
  return {
    kind: "file",
    name,
    getFile: async () => new File([file.contents], name),
    async createWritable({ keepExistingData }): Promise<WritableFile> {
      if (keepExistingData) throw new Error("the old contents are not wanted");
      let swap = new Uint8Array(0);
      let state: "open" | "closed" | "errored" = "open";
      const check = () => {
        if (state !== "open") throw new TypeError(`the stream is ${state}`);
      };
      return {
        async write(bytes) {
          check();
          if (swap.length + bytes.length > file.quota) {
            state = "errored";
            throw quotaExceeded();
          }
          swap = new Uint8Array([...swap, ...bytes]);
        },
        async close() {
          check();
          state = "closed";
          file.contents = swap;
        },
        async abort() {
          check();
          state = "errored";
        },
      };
    },
  };
}

/** A handle as older Safaris have it in workers; in windows neither way to write. */
export function syncHandleOf(file: FakeFile, where: "worker" | "window" = "worker"): FileHandle {
  const { kind, name, getFile } = handleOf(file);
  const base: FileHandle = { kind, name, getFile };
  return where === "window"
    ? base
    : { ...base, createSyncAccessHandle: async () => syncFile(file) };
}

function syncFile(file: FakeFile): SyncFile {
  if (file.isLocked) throw new DOMException("Locked.", "NoModificationAllowedError");
  file.isLocked = true;
  const resize = (size: number) => {
    if (size > file.quota) throw quotaExceeded();
    const contents = new Uint8Array(size);
    contents.set(file.contents.subarray(0, size));
    file.contents = contents;
  };
  return {
    truncate: resize,
    getSize: () => file.contents.length,
    write(bytes, { at }) {
      // It may take a part.
      const part = bytes.subarray(0, 70_000);
      if (at + part.length > file.contents.length) resize(at + part.length);
      file.contents.set(part, at);
      return part.length;
    },
    flush() {},
    close() {
      file.isLocked = false;
    },
  };
}
