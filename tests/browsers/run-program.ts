import { type Program, type Result, textOf } from "./result.ts";

/**
 * Runs one of the programs in this folder. Errors that nobody caught, and what the page's policy
 * forbids, are failures too.
 */
export async function runProgram(name: string): Promise<Result[]> {
  const uncaught: Result[] = [];
  const fail = (what: string, detail: string) => uncaught.push({ name: what, ok: false, detail });
  addEventListener("error", ({ message, error }) => fail("uncaught", textOf(error ?? message)));
  addEventListener("unhandledrejection", ({ reason }) => fail("unhandled", textOf(reason)));
  addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
    fail("policy", `${violatedDirective} forbids ${blockedURI}`),
  );
  try {
    const program = (await import(`./${name}.js`)) as Program;
    const results = await program.run();
    // Rejections are told of a little later.
    await new Promise((resolve) => setTimeout(resolve, 50));
    return [...results, ...uncaught];
  } catch (error) {
    return [...uncaught, { name: "the program", ok: false, detail: textOf(error) }];
  }
}
