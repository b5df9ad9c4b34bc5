/** What saves and loads use of a FileSystemFileHandle: of the origin's private files or a picker. */
export interface FileHandle {
  readonly kind: "file";
  readonly name: string;
  getFile(): Promise<Blob>;
  createWritable?(options: { keepExistingData: false }): Promise<WritableFile>;
  /** In workers only, and for private files only. */
  createSyncAccessHandle?(): Promise<SyncFile>;
}

export interface WritableFile {
  write(bytes: Uint8Array<ArrayBuffer>): Promise<unknown>;
  close(): Promise<unknown>;
  abort(cause?: unknown): Promise<unknown>;
}

/** Safari before 16.4 returns promises where the standard has values now. */
export interface SyncFile {
  truncate(size: number): unknown;
  getSize(): number | Promise<number>;
  write(bytes: Uint8Array<ArrayBuffer>, options: { at: number }): number | Promise<number>;
  flush(): unknown;
  close(): unknown;
}

export function isFileHandle(value: unknown): value is FileHandle {
  const { kind, getFile } = (value ?? {}) as Partial<FileHandle>;
  return kind === "file" && typeof getFile === "function";
}
