// Files of a language that the model has never seen, for a class of the user's own: programs in
// Forth, written by a loop.

const WORDS = ["square", "cube", "twice", "half", "next", "area", "limit", "count", "mean", "gap"];
const BODIES = ["dup *", "dup dup * *", "2 *", "2 /", "1 +", "over * swap", "max", "1 - dup 0="];

/** @param {number} count */
export function forthFiles(count) {
  return Array.from({ length: count }, (_, file) => {
    const lines = Array.from({ length: 24 }, (_, line) => {
      const word = WORDS[(file * 3 + line * 7) % WORDS.length];
      const body = BODIES[(file * 5 + line * 3) % BODIES.length];
      return `: ${word}-${file}${line} ( n -- n ) ${body} ; \\ ${word} of a number\n${line} ${word}-${file}${line} . cr`;
    });
    return { name: `words-${file}.fs`, text: `\\ words, part ${file}\n${lines.join("\n")}\n` };
  });
}
