/** The page's element with this data-testid or id. @throws Error where the HTML lacks it */
export function find<T extends HTMLElement>(name: string, type: new () => T): T {
  const found = document.querySelector(`[data-testid="${name}"], #${name}`);
  if (!(found instanceof type)) throw new Error(`index.html: expected ${type.name} "${name}"`);
  return found;
}

/** Makes an element with text or children in it. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

/** Writes text only where it changed: a live region is not to say it again. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Calls `paint` at most once a frame, however often it is asked. */
export function oncePerFrame(paint: () => void): () => void {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      paint();
    });
  };
}
