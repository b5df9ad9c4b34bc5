import { find, setText } from "./dom.ts";
import type { Engine } from "./engine.ts";

/** The digest at the end, and whether it is the one that everyone gets. */
export function digestView(engine: Engine): void {
  const badge = find("digest-badge", HTMLParagraphElement);
  const code = find("digest", HTMLElement);
  const note = find("digest-note", HTMLParagraphElement);
  let expected = "";

  function waiting(): void {
    badge.dataset.same = "none";
    setText(badge, "Not finished");
    setText(code, "");
    setText(note, `npm start in Node ends with ${expected.slice(0, 16)}…`);
  }

  engine.on("ready", ({ defaults }) => {
    expected = defaults.expectedDigest;
    waiting();
  });
  engine.on("state", ({ state }) => {
    if (state !== "done") waiting();
  });
  engine.on("done", ({ digest, expectedDigest, same }) => {
    badge.dataset.same = same === null ? "none" : String(same);
    setText(code, digest);
    if (same === null) {
      setText(badge, "A run of its own");
      setText(note, "Other steps, another seed or your own languages: run it twice to compare.");
    } else if (same) {
      setText(badge, "Same bits as Node");
      setText(note, "Every one of the weights, to the last bit, is what npm start gives in Node.");
    } else {
      setText(badge, "Not the same bits");
      setText(note, `Expected ${expectedDigest}. Please report it, with browser and version.`);
    }
  });
}
