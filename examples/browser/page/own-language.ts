import type { AddedClass, State, UserFile } from "../protocol.ts";
import { find, make, setText } from "./dom.ts";
import type { Engine } from "./engine.ts";
import { count } from "./format.ts";
import { fullName } from "./names.ts";

/** The form that adds a language from the user's files, and the list of those added. */
export function ownLanguages(engine: Engine): void {
  const form = find("own", HTMLFormElement);
  const name = find("class-name", HTMLInputElement);
  const files = find("class-files", HTMLInputElement);
  const add = find("class-add", HTMLButtonElement);
  const note = find("own-note", HTMLParagraphElement);
  const list = find("class-list", HTMLUListElement);
  let state: State | "loading" = "loading";
  let sending = false;

  function show(): void {
    const idle = state === "idle" && !sending;
    const chosen = files.files?.length ?? 0;
    name.disabled = !idle;
    files.disabled = !idle;
    add.disabled = !idle || name.value.trim() === "" || chosen === 0;
    for (const button of list.querySelectorAll("button")) button.disabled = !idle;
    setText(find("drop-text", HTMLSpanElement), chosenText(files.files));
    setText(note, noteFor(state));
  }

  async function send(): Promise<void> {
    if (add.disabled) return;
    sending = true;
    show();
    try {
      const read = await Promise.all([...(files.files ?? [])].map(readFile));
      const buffers = read.map(({ bytes }) => bytes);
      engine.send({ type: "addClass", name: name.value.trim(), files: read }, buffers);
    } catch (cause) {
      sending = false;
      show();
      setText(note, `A file could not be read: ${(cause as Error).message}`);
    }
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void send();
  });
  for (const input of [name, files]) input.addEventListener("input", show);
  acceptDrops(find("drop", HTMLLabelElement), files, show);

  engine.on("ready", () => {
    state = "idle";
    show();
  });
  engine.on("state", (now) => {
    state = now.state;
    show();
  });
  engine.on("classes", ({ added }) => {
    if (sending) form.reset();
    sending = false;
    list.replaceChildren(...added.map((each) => item(each, engine)));
    show();
  });
  engine.on("error", ({ doing }) => {
    if (doing !== "addClass") return;
    sending = false;
    show();
  });
}

function noteFor(state: State | "loading"): string {
  if (state === "loading" || state === "idle") return "";
  return "Languages are added before training: start over, and those that you added stay.";
}

function chosenText(files: FileList | null): string {
  if (!files || files.length === 0) return "Choose files, or drop them here";
  return files.length === 1 ? files[0].name : `${count(files.length, "file")} chosen`;
}

async function readFile(file: File): Promise<UserFile> {
  return { name: file.name, bytes: await file.arrayBuffer() };
}

function acceptDrops(zone: HTMLElement, input: HTMLInputElement, onDrop: () => void): void {
  zone.addEventListener("dragover", (event) => {
    if (input.disabled) return;
    event.preventDefault();
    zone.classList.add("over");
  });
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    zone.classList.remove("over");
    if (input.disabled || !event.dataTransfer) return;
    event.preventDefault();
    input.files = event.dataTransfer.files;
    onDrop();
  });
}

function item(added: AddedClass, engine: Engine): HTMLLIElement {
  const files = `${count(added.trainFiles, "file")} to learn from, ${added.heldOutFiles} held out`;
  const remove = make("button", "quiet", "Remove");
  remove.type = "button";
  remove.ariaLabel = `Remove ${added.name}`;
  remove.addEventListener("click", () => engine.send({ type: "removeClass", name: added.name }));
  const element = make(
    "li",
    "",
    make("strong", "is-new", added.name),
    make("span", "", `${files}; starts as a copy of ${fullName(added.twin)}`),
    remove,
  );
  element.dataset.class = added.name;
  return element;
}
