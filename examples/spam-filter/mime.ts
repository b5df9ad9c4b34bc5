import { Buffer } from "node:buffer";

/** A mail, or a part of one. */
export interface Part {
  /** The value of a header, unfolded; "" where there is none. */
  header(name: string): string;
  /** The media type in lower case, without parameters. */
  readonly type: string;
  /** The body as it was sent. */
  readonly body: string;
  /** The parts of a multipart body. */
  parts(): Part[];
}

export function partOf(raw: string): Part {
  const end = raw.search(/\r?\n\r?\n/);
  const head = (end < 0 ? raw : raw.slice(0, end)).replaceAll(/\r?\n[ \t]+/g, " ");
  const body = end < 0 ? "" : raw.slice(end).replace(/^\r?\n\r?\n/, "");
  const header = (name: string) =>
    new RegExp(`^${name}:[ \\t]*(.*)$`, "im").exec(head)?.[1].trim() ?? "";
  const content = header("content-type");
  return {
    header,
    type: content.split(";")[0].trim().toLowerCase() || "text/plain",
    body,
    parts: () => split(body, /boundary="?([^";]+)"?/i.exec(content)?.[1]),
  };
}

/** What lies between the boundaries; the text before the first is for old programs. */
function split(body: string, boundary: string | undefined): Part[] {
  if (!boundary) return [];
  return body
    .split(`--${boundary}`)
    .slice(1)
    .filter((piece) => !piece.startsWith("--"))
    .map((piece) => partOf(piece.replace(/^[ \t]*\r?\n/, "")));
}

/** Undoes the transfer encoding. Bytes become characters one by one (latin-1), whatever the charset. */
export function decodeBody(part: Part): string {
  const encoding = part.header("content-transfer-encoding").toLowerCase();
  if (encoding === "base64") return Buffer.from(part.body, "base64").toString("latin1");
  if (encoding !== "quoted-printable") return part.body;
  return part.body
    .replaceAll(/=[ \t]*\r?\n/g, "")
    .replaceAll(/=([\da-f]{2})/gi, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
}
