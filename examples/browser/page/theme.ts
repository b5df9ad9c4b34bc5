import { find, setText } from "./dom.ts";

type Theme = "light" | "dark";

const KEY = "ashlar-theme";
const system = matchMedia("(prefers-color-scheme: dark)");

function show(theme: Theme): void {
  document.documentElement.dataset.theme = theme;
  setText(find("theme", HTMLButtonElement), theme === "dark" ? "Light theme" : "Dark theme");
  dispatchEvent(new Event("themechange"));
}

function current(): Theme {
  return system.matches ? "dark" : "light";
}

/** Storage may be forbidden; then the choice lasts as long as the page. */
function stored(): Theme | null {
  try {
    const theme = localStorage.getItem(KEY);
    return theme === "light" || theme === "dark" ? theme : null;
  } catch {
    return null;
  }
}

function store(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // Nothing to do: see stored().
  }
}

/** Follows the system until the button is pressed. */
export function themeButton(): void {
  let chosen = stored();
  show(chosen ?? current());
  system.addEventListener("change", () => {
    if (!chosen) show(current());
  });
  find("theme", HTMLButtonElement).addEventListener("click", () => {
    chosen = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
    store(chosen);
    show(chosen);
  });
}

/** What a custom property of the style sheet is now, as a colour that a canvas takes. */
export function colour(property: string): string {
  probe.style.color = `var(--${property})`;
  if (!probe.isConnected) document.body.append(probe);
  return getComputedStyle(probe).color;
}

const probe = document.createElement("span");
probe.hidden = true;
