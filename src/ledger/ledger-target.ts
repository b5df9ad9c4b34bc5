import { wrongKind, wrongValue } from "../errors.ts";
import { quoted, refusal } from "../state/files/file-error.ts";
import { findPath, isPathLike } from "../state/files/find-path.ts";
import { streamSink } from "../state/targets/stream-sink.ts";
import { AppendedFile } from "./appended-file.ts";
import { LedgerText } from "./ledger-text.ts";

/** Where a ledger can go: a path or file: URL (Node, Deno, Bun), a stream, or text in memory. */
export type LedgerTarget = string | URL | WritableStream<Uint8Array> | LedgerText;

/** Where lines go. */
export interface LedgerSink {
  /** Takes whole lines. May throw; else `flush` may. */
  write(text: string): void;
  /** Resolves when all is written, on the disk where there is one. */
  flush(): Promise<void>;
  close(): Promise<void>;
  /** Takes back what was opened. Does not throw. */
  discard(): void;
  /** The absolute path of a file; null for anything else. */
  readonly path: string | null;
  /** What separates the names in it. */
  readonly separator: string;
  /** Whether there is a ledger already, which goes on. */
  readonly resumes: boolean;
}

const WHERE = "RunLedger.open";
const ALLOWED = "a path, a file: URL, a WritableStream or a LedgerText";

/** @throws TypeError for a wrong kind; what the file system says, with its code */
export function openLedgerTarget(target: LedgerTarget, append: boolean): LedgerSink {
  if (isPathLike(target)) {
    const { fs, path } = findPath(target, { what: "target", where: WHERE, allowed: ALLOWED });
    return fileLines(fs.paths.resolve(path), fs.paths.sep, append);
  }
  if (append) throw wrongValue("append", WHERE, "false, as only files can be gone on with", append);
  if (target instanceof LedgerText) return textLines(target);
  if (isWritableStream(target)) {
    if (!target.locked) return streamLines(target);
    throw new TypeError(`"target" of ${WHERE}: expected a free stream, got a locked one`);
  }
  throw wrongKind("target", WHERE, ALLOWED, target);
}

function isWritableStream(value: unknown): value is WritableStream<Uint8Array> {
  return typeof (value as Partial<WritableStream> | null)?.getWriter === "function";
}

const BEGINNING = '{"ashlar":"run",';
const NEWLINE = 0x0a;

function fileLines(path: string, separator: string, append: boolean): LedgerSink {
  const file = AppendedFile.open(path, append);
  let at = 0;
  let before = "";
  let sizeBefore = 0;
  try {
    at = file.size;
    sizeBefore = at;
    if (at > 0) {
      const found = new TextDecoder().decode(file.read(0, BEGINNING.length));
      if (found !== BEGINNING) {
        throw new TypeError(
          `"target" of ${WHERE}: expected a run ledger to go on with, got another file, ${quoted(path)}`,
        );
      }
      // A line that broke off stays, and readers know it by what follows it.
      if (file.read(at - 1, 1)[0] !== NEWLINE) before = "\n";
    }
  } catch (error) {
    file.discard();
    throw error;
  }
  return {
    path,
    separator,
    resumes: at > 0,
    write(text) {
      if (file.size !== at) {
        throw refusal("EBUSY", `the run ledger ${quoted(path)} was written to by somebody else`);
      }
      const bytes = new TextEncoder().encode(before + text);
      file.write(bytes, at);
      before = "";
      at += bytes.length;
    },
    flush: async () => file.sync(),
    close: async () => {
      file.sync();
      file.close();
    },
    discard() {
      try {
        // What there was stays as it was.
        if (!file.isNew) file.truncate(sizeBefore);
      } catch {
        // The first error says more.
      }
      file.discard();
    },
  };
}

function textLines(target: LedgerText): LedgerSink {
  return {
    ...{ path: null, separator: "", resumes: false },
    write: (text) => target.append(text),
    flush: async () => {},
    close: async () => {},
    discard: () => {},
  };
}

function streamLines(stream: WritableStream<Uint8Array>): LedgerSink {
  const sink = streamSink(stream);
  /** What the stream has yet to take. Rejects with the first of its errors. */
  let written = Promise.resolve();
  return {
    ...{ path: null, separator: "", resumes: false },
    write(text) {
      written = written.then(() => sink.write(new TextEncoder().encode(text)));
      // Told by flush and close.
      written.catch(() => {});
    },
    flush: () => written,
    close: () => written.then(() => sink.close()),
    discard: () => void sink.abort(new Error("the run ledger was not opened")),
  };
}
