import module from "node:module";

// Lets test files say `import { suite } from "uvu"` and get harness/uvu.ts, so that a test file
// runs alike under this runner, under uvu's own, and by itself.

const WRAPPER = new URL("./uvu.js", import.meta.url).href;

interface Context {
  readonly parentURL?: string | undefined;
}
type Next = (specifier: string, context: Context) => unknown;

/** Node's resolve hook: the wrapper alone gets the real uvu. */
export function resolve(specifier: string, context: Context, next: Next): unknown {
  if (specifier === "uvu" && context.parentURL !== WRAPPER) {
    return { url: WRAPPER, shortCircuit: true };
  }
  // From our place and not the test file's: test files may lie outside of the project.
  if (specifier.startsWith("uvu/")) return next(specifier, { ...context, parentURL: WRAPPER });
  return next(specifier, context);
}

/** Turns the redirection on for this process. */
export function redirectUvu(): void {
  // Newer versions of Node replace `register` with the synchronous `registerHooks`.
  const { registerHooks } = module as { registerHooks?: (hooks: object) => void };
  if (registerHooks) registerHooks({ resolve });
  else module.register(import.meta.url);
}
