// Vite's dev server, which prepares packages in its own way.

import { spawn } from "node:child_process";
import { ISOLATION } from "../local-site.mjs";
import { openOn, serveFolder } from "./page.mjs";
import { checkReport, PROGRAM } from "./program.mjs";
import { freshProject } from "./project.mjs";

/** @typedef {import("./project.mjs").Context} Context */

const START_MS = 30_000;

const SERVE = `import { createServer } from "vite";
const [report, isolated] = process.argv.slice(2);
const server = await createServer({
  logLevel: "error", clearScreen: false,
  server: {
    host: "127.0.0.1", port: 0, proxy: { "/report": report }, hmr: false,
    headers: isolated === "true" ? ${JSON.stringify(ISOLATION)} : {},
  },
});
await server.listen();
console.log("http://127.0.0.1:" + server.httpServer.address().port);
`;
const PAGE = `<!doctype html>
<meta charset="utf-8">
<title>consumer</title>
<script type="module" src="/main.js"></script>
`;

/**
 * @param {Context} context
 * @param {{ name: string, isolated: boolean, threads: number }} options
 */
async function open(context, { name, isolated, threads }) {
  const folder = await freshProject(context, name, {
    files: { ...PROGRAM, "index.html": PAGE, "serve.mjs": SERVE },
    tools: ["vite@8.3.8"],
  });
  const site = await serveFolder(folder, { isolated });
  const argv = ["serve.mjs", site.origin, String(isolated)];
  const vite = spawn(process.execPath, argv, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  try {
    const origin = await originOf(vite);
    return await openOn(site, { origin, query: `?threads=${threads}` }, checkReport);
  } finally {
    vite.kill("SIGKILL");
    site.close();
  }
}

/**
 * What the server says first.
 * @param {import("node:child_process").ChildProcessByStdio<null, import("node:stream").Readable, import("node:stream").Readable>} vite
 * @returns {Promise<string>}
 */
function originOf(vite) {
  return new Promise((resolve, reject) => {
    let said = "";
    const fail = () => reject(new Error(`vite did not start: ${said.trim().slice(-300)}`));
    setTimeout(fail, START_MS).unref();
    vite.once("close", fail);
    vite.stderr.setEncoding("utf8").on("data", (text) => {
      said += text;
    });
    vite.stdout.setEncoding("utf8").on("data", (text) => {
      const [origin] = /http:\/\/\S+/.exec(text) ?? [];
      if (origin) resolve(origin);
    });
  });
}

/** @param {Context} context */
export const viteDev = (context) =>
  open(context, { name: "vite-dev", isolated: false, threads: 1 });
/** @param {Context} context */
export const viteDevThreads = (context) =>
  open(context, { name: "vite-dev-threads", isolated: true, threads: 2 });
