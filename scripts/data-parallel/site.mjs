// Builds and serves a page that is a rank.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { preparePublic } from "../web/build-page.mjs";
import { policyWith } from "../web/policy.mjs";
import { openPageSite } from "../web/site.mjs";
import { ROOT, viteOptions } from "../web/vite-options.mjs";

/** Wherever nats-server is. */
const POLICY = policyWith("ws: wss:");

/**
 * @typedef {object} RankSite
 * @property {string} folder  what is served
 * @property {(parameters: Record<string, string | number>) => string} address
 * @property {() => void} close
 */

/**
 * Serves a page on this machine only.
 * @param {string} page  the folder of its index.html
 * @param {{ publicDir?: string | false, posted?: (path: string, body: Buffer) => void }} [options]
 * @returns {Promise<RankSite>}
 */
export async function openRankSite(page, { publicDir = false, posted = () => {} } = {}) {
  const { build } = await import("vite");
  const folder = mkdtempSync(join(tmpdir(), "ashlar-rank-page-"));
  await build(viteOptions({ page, publicDir, outDir: folder, policy: POLICY }));
  const site = await openPageSite(folder, { isolated: false, policy: POLICY, posted });
  return {
    folder,
    address(parameters) {
      const search = Object.entries(parameters).map(([name, value]) => [name, `${value}`]);
      return `${site.origin}/?${new URLSearchParams(search)}`;
    },
    close() {
      site.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The page of examples/data-parallel, with the files that it trains on. */
export const openExampleSite = async () =>
  openRankSite(join(ROOT, "examples/data-parallel/page"), { publicDir: await preparePublic() });
