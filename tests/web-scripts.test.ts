import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { inScratchFolder } from "./reference/scratch.ts";

// scripts/web.mjs, its web server, and scripts/web-check.mjs where there is no browser.

const test = suite("scripts/web.mjs");

interface Site {
  readonly origin: string;
  close(): void;
}
const { openPageSite } = (await import(pathToFileURL(resolve("scripts/web/site.mjs")).href)) as {
  openPageSite(folder: string, options: { isolated: boolean; port?: number }): Promise<Site>;
};

/** fetch would tidy the path up. */
function get(origin: string, path: string, method = "GET") {
  return new Promise<{ status: number; headers: Record<string, unknown>; text: string }>(
    (done, failed) => {
      const { hostname, port } = new URL(origin);
      const sent = request({ hostname, port, path, method }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part) => {
          text += part;
        });
        response.on("end", () =>
          done({ status: response.statusCode ?? 0, headers: response.headers, text }),
        );
      });
      sent.on("error", failed).end();
    },
  );
}

async function withSite(isolated: boolean, act: (site: Site) => Promise<void>) {
  await inScratchFolder(async (root) => {
    const folder = join(root, "site");
    mkdirSync(join(folder, "assets"), { recursive: true });
    writeFileSync(join(folder, "index.html"), "<!doctype html>");
    writeFileSync(join(folder, "assets/a b.css"), "body {}");
    writeFileSync(join(root, "secret.txt"), "secret");
    const site = await openPageSite(folder, { isolated });
    try {
      await act(site);
    } finally {
      site.close();
    }
  });
}

test("serves a folder under a strict policy, isolated or not", async () => {
  for (const isolated of [true, false]) {
    await withSite(isolated, async ({ origin }) => {
      const { status, headers, text } = await get(origin, "/");
      assert.is(status, 200);
      assert.is(text, "<!doctype html>");
      assert.match(String(headers["content-type"]), /^text\/html/);
      const policy = String(headers["content-security-policy"]);
      assert.match(policy, /default-src 'none'/);
      assert.not.match(policy, /unsafe-inline|'unsafe-eval'|blob:|data:|\*/);
      assert.is(headers["cross-origin-opener-policy"], isolated ? "same-origin" : undefined);
      assert.is(headers["cross-origin-embedder-policy"], isolated ? "require-corp" : undefined);
      const css = await get(origin, "/assets/a%20b.css?v=1");
      assert.is(css.text, "body {}");
      assert.match(String(css.headers["content-type"]), /^text\/css/);
      assert.is((await get(origin, "/", "HEAD")).text, "");
    });
  }
});

test("serves nothing else", async () => {
  await withSite(true, async ({ origin }) => {
    const paths = [
      ...["/nothing", "/assets", "/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt"],
      ...["/%ff", "/a%00b", "//secret.txt"],
    ];
    for (const path of paths) {
      const { status, text } = await get(origin, path);
      assert.is(status, 404, path);
      assert.is(text, "no such thing\n", path);
    }
    assert.is((await get(origin, "/", "POST")).status, 404);
  });
});

const run = (script: string, argv: string[], env = {}) =>
  spawnSync(process.execPath, [resolve("scripts", script), ...argv], {
    encoding: "utf8",
    env: { ...process.env, ...env },
  });

test("a wrong command line is one line and exit code 2", () => {
  for (const argv of [["--port", "x"], ["--port", "65536"], ["--build", ""], ["--fast"], ["a"]]) {
    const { status, stdout, stderr } = run("web.mjs", argv);
    assert.is(status, 2, argv.join(" "));
    assert.match(stderr, /^web: [^\n]+\n$/, argv.join(" "));
    assert.is(stdout, "");
  }
  const { status, stdout } = run("web.mjs", ["--help"]);
  assert.is(status, 0);
  assert.match(stdout, /--no-isolation/);
});

test("without a browser the check is not run, and an error where one is required", () => {
  const env = { PATH: "/nonexistent" };
  const { status, stdout } = run("web-check.mjs", [], env);
  assert.match(stdout, /firefox .* not run +not found\n/);
  assert.match(stdout, /\n0 passed, 0 failed, 2 not run\n$/);
  assert.is(status, 0);
  const required = run("web-check.mjs", ["--require", "firefox"], env);
  assert.is(required.status, 1);
  assert.match(required.stdout, /\n0 passed, 1 failed, 1 not run\n$/);
  const wrong = run("web-check.mjs", ["--only", "netscape"], env);
  assert.is(wrong.status, 2);
  assert.match(wrong.stderr, /^web-check: --only: expected some of .* got netscape\n$/);
});

test.run();
