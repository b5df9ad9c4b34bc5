import { printable } from "../../errors.ts";
import type { ByteReader } from "../bytes.ts";
import { storageError } from "../files/file-error.ts";
import { streamReader } from "./stream-reader.ts";

/** Fetches a URL and reads what comes. */
export async function urlReader(url: URL): Promise<ByteReader> {
  const title = titleOf(url);
  const response = await fetch(url).catch((cause) => {
    const error = storageError(`load from ${title} failed`, detailOf(cause));
    // Some engines put the whole URL into theirs.
    error.message = error.message.replaceAll(url.href, title);
    throw error;
  });
  return responseReader(response, title);
}

/** Reads the body of a response, which must be one of success. */
export async function responseReader(
  response: Response,
  title = response.url ? titleOf(new URL(response.url)) : "a Response",
): Promise<ByteReader> {
  const { ok, status, statusText, body, bodyUsed } = response;
  if (!ok) {
    await body?.cancel().catch(() => {});
    // The server's words.
    const why = printable(`${status} ${statusText}`.trim());
    throw new Error(`load from ${title} failed: ${why}`);
  }
  if (!body || bodyUsed || body.locked) {
    const got = body ? "one that is being read" : "none";
    throw new TypeError(`body of ${title}: expected one that nobody has read, got ${got}`);
  }
  return streamReader(body, { size: sizeOf(response), title });
}

/** Bytes of the body as it is read: not of a compressed one as it was sent. */
function sizeOf({ headers, type }: Response): number | null {
  // Of another origin, a browser shows the length of what was sent and may hide that it is compressed.
  if (type === "cors" || headers.has("content-encoding")) return null;
  const length = headers.get("content-length");
  return length !== null && /^\d+$/.test(length) ? Number(length) : null;
}

/** Without what may be secret: a password, a query that is a signature, the bytes of a data: URL. */
function titleOf({ protocol, host, pathname }: URL): string {
  if (protocol !== "http:" && protocol !== "https:") return `a ${protocol} URL`;
  return `${protocol}//${host}${pathname}`;
}

/** Node says "fetch failed", and why only in the cause. */
function detailOf(error: unknown): unknown {
  const { cause } = error as { cause?: unknown };
  return cause instanceof Error && cause.message !== "" ? cause : error;
}
