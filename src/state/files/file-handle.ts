/** What saves and loads use of a FileSystemFileHandle: of the origin's private files or a picker. */
export interface FileHandle {
  /** Tells files from folders. */
  readonly kind: "file";
  /** The file's name, for messages. */
  readonly name: string;
  /** The file as it is now, to read. */
  getFile(): Promise<Blob>;
  /** A writer that replaces the whole file once it is closed. */
  createWritable?(options: { keepExistingData: false }): Promise<WritableFile>;
  /** In workers only, and for private files only. */
  createSyncAccessHandle?(): Promise<SyncFile>;
}

/** What saves use of a FileSystemWritableFileStream. */
export interface WritableFile {
  /** Appends bytes. */
  write(bytes: Uint8Array<ArrayBuffer>): Promise<unknown>;
  /** Puts what was written in the place of the file. */
  close(): Promise<unknown>;
  /** Drops what was written. */
  abort(cause?: unknown): Promise<unknown>;
}

/**
 * What saves use of a FileSystemSyncAccessHandle. Safari before 16.4 returns promises where the
 * standard has values now.
 */
export interface SyncFile {
  /** Cuts or extends the file to so many bytes. */
  truncate(size: number): unknown;
  /** Bytes of the file. */
  getSize(): number | Promise<number>;
  /** Writes at a byte of the file; says how many bytes it took. */
  write(bytes: Uint8Array<ArrayBuffer>, options: { at: number }): number | Promise<number>;
  /** Brings what was written to the disk. */
  flush(): unknown;
  /** Gives the file free for others. */
  close(): unknown;
}

export function isFileHandle(value: unknown): value is FileHandle {
  const { kind, getFile } = (value ?? {}) as Partial<FileHandle>;
  return kind === "file" && typeof getFile === "function";
}
