// Builds and serves the page of examples/browser: `npm run web`.

import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { ISOLATION } from "./local-site.mjs";
import { buildPage, preparePublic } from "./web/build-page.mjs";
import { openPageSite } from "./web/site.mjs";
import { SITE, viteOptions } from "./web/vite-options.mjs";

const USAGE = `Serves the page in which VS Code's language detector learns new languages.

  npm run web -- [options]

  --port N        where it is served (default 8080; 0 for any that is free)
  --no-isolation  without the headers that shared memory needs: one thread
  --build DIR     write a folder that any web server can serve, and end
  --dev           Vite's dev server, which follows changes of the sources; no content security policy
  --help          show this`;

/** The command line is wrong; the message is for the user. */
class UsageError extends Error {}

function readFlags() {
  try {
    return parseArgs({
      options: {
        port: { type: "string", default: "8080" },
        isolation: { type: "boolean", default: true },
        build: { type: "string" },
        dev: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
      allowNegative: true,
    }).values;
  } catch (error) {
    throw new UsageError(/** @type {Error} */ (error).message.split("\n")[0]);
  }
}

/** @param {string} text */
function portOf(text) {
  const port = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new UsageError(`--port: expected a whole number from 0 to 65535, got "${text}"`);
}

/** @param {{ port: number, isolated: boolean }} options */
async function serveSources({ port, isolated }) {
  const { createServer } = await import("vite");
  const options = viteOptions({ publicDir: await preparePublic() });
  const headers = isolated ? ISOLATION : {};
  const server = await createServer({
    ...options,
    server: { ...options.server, host: "127.0.0.1", port, headers },
  });
  await server.listen();
  return server.resolvedUrls?.local[0] ?? "";
}

/** @param {{ port: number, isolated: boolean }} options */
async function serveBuilt(options) {
  await buildPage(SITE);
  const { origin } = await openPageSite(SITE, options);
  return `${origin}/`;
}

async function main() {
  const { port: text, isolation: isolated, build, dev, help } = readFlags();
  if (help) return console.log(USAGE);
  const port = portOf(text);
  if (build === "") throw new UsageError("--build: expected a folder, got nothing");
  if (build !== undefined) {
    await buildPage(resolve(build));
    return console.log(`built into ${build}; its _headers has what a server should send`);
  }
  console.log(
    "VS Code's language detector learns Solidity, Svelte and AssemblyScript in a page: its own\n" +
      "weights, real files, ashlar in a worker. Nothing leaves this machine.",
  );
  const url = await (dev ? serveSources : serveBuilt)({ port, isolated });
  console.log(`\n  ${url}\n`);
  console.log(isolated ? "Cross-origin isolated: threads work." : "Not isolated: one thread.");
}

try {
  await main();
} catch (error) {
  const { message, code } = /** @type {NodeJS.ErrnoException} */ (error);
  const why = code === "EADDRINUSE" ? `${message}: choose another with --port` : message;
  console.error(`web: ${why}`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
