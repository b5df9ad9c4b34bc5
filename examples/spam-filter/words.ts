const WORD = /[a-z]+(?:'[a-z]+)?|\d+|[$%!?]+|[\u0080-\uffff]+/g;
const ADDRESS = /\b(?:https?:\/\/|www\.)\S+/g;
const MAILBOX = /[\w.+=-]{1,64}@[\w-]+(?:\.[\w-]+)+/g;

/**
 * The words of a text: in lower case, digits as 0 (at most four), web and mail addresses as one
 * word each, runs of letters beyond ASCII as one.
 */
export function words(text: string): string[] {
  const plain = text
    .toLowerCase()
    .replaceAll(ADDRESS, " weblink ")
    .replaceAll(MAILBOX, " mailbox ");
  return Array.from(plain.matchAll(WORD), ([word]) => {
    if (/^\d/.test(word)) return "0".repeat(Math.min(4, word.length));
    if (/^[$%!?]/.test(word)) return word[0];
    return word.charCodeAt(0) >= 0x80 ? "foreign" : word;
  });
}
