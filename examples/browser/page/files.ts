import { threadsOf } from "./controls.ts";
import { find, setText } from "./dom.ts";
import type { Engine } from "./engine.ts";
import { megabytes } from "./format.ts";

/** Checkpoints as downloads, and back from a file. */
export function checkpointFiles(engine: Engine): void {
  const save = find("save", HTMLButtonElement);
  const load = find("load-file", HTMLInputElement);
  const status = find("state", HTMLSpanElement);
  const announce = find("announce", HTMLParagraphElement);

  function tell(text: string): void {
    setText(status, text);
    setText(announce, text);
  }

  save.addEventListener("click", () => engine.send({ type: "save" }));
  load.addEventListener("change", () => {
    const [file] = load.files ?? [];
    if (!file) return;
    engine.send({ type: "load", file, threads: threadsOf(find("threads", HTMLSelectElement)) });
    load.value = ""; // so that the same file can be chosen again
  });

  engine.on("ready", () => {
    save.disabled = true;
    load.disabled = false;
  });
  engine.on("state", ({ state }) => {
    save.disabled = state === "idle";
    load.disabled = state === "training";
  });
  engine.on("saved", ({ name, blob, step }) => {
    download(name, blob);
    tell(`Saved step ${step}: ${name}, ${megabytes(blob.size)}.`);
  });
  engine.on("loaded", ({ step, steps }) => tell(`Opened a run at step ${step} of ${steps}.`));
}

function download(name: string, blob: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // Firefox reads the address after the click is over.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
