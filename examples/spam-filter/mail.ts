import { decodeBody, type Part, partOf } from "./mime.ts";

const LISTS_AND_REPLIES = /\[[^\]]*\]|\b(?:re|fwd?|aw)\s*:/gi;
const QUOTED_LINES = /^[ \t]*[>|].*$/gm;
const LOOKS_LIKE_HTML = /<(?:html|body|table|font|br|p|div|center)\b/i;
const INVISIBLE = /<(style|script)\b[\s\S]*?<\/\1\s*>|<!--[\s\S]*?-->/gi;
const TAG = /<[a-z/!?][^>]*>/gi;
const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"' };

/** What a reader of a mail sees of it. */
export interface MailText {
  readonly subject: string;
  readonly body: string;
}

/**
 * Subject and body of a mail as it came over the wire. Of the headers, only the subject is read;
 * the others would give the answer away (the spam was collected on other hosts). So would the names
 * of mailing lists and "Re:" in subjects, and quoted lines: they are left out.
 */
export function readMail(raw: string): MailText {
  const top = partOf(raw);
  const subject = top.header("subject").replaceAll(LISTS_AND_REPLIES, " ").trim();
  return {
    subject,
    body: visibleText(firstText(top) ?? top)
      .replaceAll(QUOTED_LINES, "")
      .trim(),
  };
}

/** The first part with text, plain text before HTML; undefined if there is none. */
function firstText(part: Part): Part | undefined {
  if (part.type.startsWith("multipart/")) {
    const texts = part.parts().flatMap((child) => firstText(child) ?? []);
    return texts.find(({ type }) => type === "text/plain") ?? texts[0];
  }
  return part.type.startsWith("text/") ? part : undefined;
}

function visibleText(part: Part): string {
  const text = decodeBody(part);
  if (part.type !== "text/html" && !LOOKS_LIKE_HTML.test(text)) return text;
  return text
    .replaceAll(INVISIBLE, " ")
    .replaceAll(TAG, " ")
    .replaceAll(/&(\w+|#\d+);?/g, (_, name: string) => ENTITIES[name.toLowerCase()] ?? " ");
}
