import type { ByteSink } from "../bytes.ts";
import { copyOf } from "./copy-of.ts";

/**
 * Writes to a stream, no faster than it takes. What becomes of a stream that is aborted is up to
 * whoever made it.
 */
export function streamSink(stream: WritableStream<Uint8Array>): ByteSink {
  const writer = stream.getWriter();
  // Each call throws its own error; that of `closed` would be reported as unhandled besides.
  writer.closed.catch(() => {});
  return {
    async write(bytes) {
      await writer.ready;
      // A copy: a stream may queue what it is given, and its owner may transfer it.
      await writer.write(copyOf(bytes));
    },
    close: () => writer.close(),
    abort: (cause) => writer.abort(cause).catch(() => {}),
  };
}
