// Pages under a content security policy that allows WebAssembly, no eval and no blob: workers; with
// and without cross-origin isolation, in each browser.

import { BUNDLERS } from "./bundlers.mjs";
import { build } from "./bundles.mjs";
import { BROWSERS, openPage } from "./page.mjs";
import { checkReport } from "./program.mjs";

/** What a page with the package needs, and nothing else. */
export const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "connect-src 'self'",
].join("; ");

/** Says what the page may do, besides the digests of one thread and of two. */
const MAIN = `import { digestOf } from "./program.js";

const evaluates = () => {
  try {
    return new Function("return true")();
  } catch {
    return false;
  }
};
const startsBlobs = () => new Promise((resolve) => {
  try {
    const url = URL.createObjectURL(new Blob(["postMessage(1)"], { type: "text/javascript" }));
    const worker = new Worker(url);
    worker.onmessage = () => resolve(true);
    worker.onerror = () => resolve(false);
  } catch {
    resolve(false);
  }
});
const digest = (options) => digestOf(options).then(
  (digest) => ({ digest }),
  (error) => ({ error: String(error), code: error.code }),
);
const report = {
  isolated: crossOriginIsolated,
  evaluates: evaluates(),
  startsBlobs: await startsBlobs(),
  one: await digest({}),
  auto: await digest({ threads: "auto" }),
  two: await digest({ threads: 2 }),
};
await fetch("/report", { method: "POST", body: JSON.stringify(report) });
`;

/** What the error of threads must name where a page is not isolated. */
const NOT_ISOLATED = /cross-origin isolat/i;

/**
 * Says what a page under the policy did, or throws what is wrong with it.
 * @param {boolean} isolated
 */
export const checkPolicy = (isolated) => (/** @type {unknown} */ report) => {
  const { one, auto, two, error, ...page } = Object(report);
  if (error !== undefined) throw new Error(error);
  const expected = { isolated, evaluates: false, startsBlobs: false };
  for (const [what, value] of Object.entries(expected)) {
    if (page[what] !== value) throw new Error(`${what}: expected ${value}, got ${page[what]}`);
  }
  checkReport(auto);
  const seen = checkReport(one);
  if (isolated) return `${checkReport(two)} with 1 and 2 threads`;
  if (!NOT_ISOLATED.test(two?.error)) {
    const said = two?.error ?? "none";
    throw new Error(`2 threads: expected an error that names cross-origin isolation, got ${said}`);
  }
  return `${seen}, 2 threads refused by name`;
};

/**
 * Says that a page whose policy lets nothing compile WebAssembly was told so.
 * @param {unknown} report
 */
export function checkRefusal(report) {
  const { one, auto, error } = Object(report);
  if (error !== undefined) throw new Error(error);
  for (const { code, error, digest } of [one, auto]) {
    if (code !== "BAD_CORE") throw new Error(`expected BAD_CORE, got ${error ?? digest}`);
  }
  return "BAD_CORE";
}

const [esbuild] = BUNDLERS;
/** The same bundle as the rows of esbuild, with a program of its own. */
const BUNDLER = { ...esbuild, name: "policy", files: { ...esbuild.files, "main.js": MAIN } };

/** @typedef {import("./project.mjs").Context} Context */

const PAGES = [
  { suffix: "", isolated: false, policy: POLICY, check: checkPolicy(false) },
  { suffix: "-isolated", isolated: true, policy: POLICY, check: checkPolicy(true) },
  {
    suffix: "-without",
    isolated: false,
    policy: POLICY.replace(" 'wasm-unsafe-eval'", ""),
    check: checkRefusal,
  },
];

export const POLICY_ROWS = BROWSERS.flatMap((browser) =>
  PAGES.map(({ suffix, isolated, policy, check }) => ({
    name: `csp-${browser}${suffix}`,
    what: `${policy.includes("wasm") ? "" : "no "}'wasm-unsafe-eval', no blob:, ${isolated ? "" : "not "}isolated`,
    run: async (/** @type {Context} */ context) =>
      openPage({ folder: await build(context, BUNDLER), isolated, policy, only: browser }, check),
  })),
);
