// Finds the browsers that scripts/browsers.mjs uses, and knows how each is started without a window
// and without a network.

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * @typedef {object} Browser
 * @property {string} name
 * @property {string | undefined} binary  undefined where there is none
 * @property {string} version
 * @property {(profile: string, gpu?: boolean) => void} prepare  writes what the empty folder of a
 *   profile needs; gpu: WebGL and WebGPU, by software where there is no other
 * @property {(profile: string, url: string, gpu?: boolean) => string[]} argv
 */

const CHROMIUMS = [
  "chromium",
  "chromium-browser",
  "google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];
const FIREFOXES = ["firefox-esr", "firefox", "/Applications/Firefox.app/Contents/MacOS/firefox"];

const CHROMIUM_FLAGS = [
  // Without the sandbox: it does not start in most containers, and all pages are ours.
  ...["--headless=new", "--no-sandbox", "--disable-dev-shm-usage"],
  ...["--no-first-run", "--no-default-browser-check", "--disable-quic", "--disable-sync"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-default-apps"],
  ...["--disable-domain-reliability", "--disable-breakpad", "--metrics-recording-only"],
  "--no-proxy-server",
  // A window that nobody sees is otherwise slowed down.
  ...["--disable-background-timer-throttling", "--disable-renderer-backgrounding"],
  "--disable-backgrounding-occluded-windows",
];

const CHROMIUM_GPU = [
  ...["--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"],
  ...["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader", "--enable-features=Vulkan"],
];

/** No first-run pages, updates, telemetry, downloads or proxies. */
const FIREFOX_PREFERENCES = {
  "app.normandy.enabled": false,
  "app.update.disabledForTesting": true,
  "browser.aboutwelcome.enabled": false,
  "browser.discovery.enabled": false,
  "browser.newtab.preload": false,
  "browser.newtabpage.enabled": false,
  // Would open pages that were visited, ours, once more in the background.
  "browser.pagethumbnails.capturing_disabled": true,
  "browser.region.update.enabled": false,
  "browser.safebrowsing.downloads.remote.enabled": false,
  "browser.safebrowsing.malware.enabled": false,
  "browser.safebrowsing.phishing.enabled": false,
  "browser.sessionstore.resume_from_crash": false,
  "browser.shell.checkDefaultBrowser": false,
  "browser.startup.homepage_override.mstone": "ignore",
  "browser.topsites.contile.enabled": false,
  "datareporting.healthreport.uploadEnabled": false,
  "datareporting.policy.dataSubmissionEnabled": false,
  "dom.push.connection.enabled": false,
  "extensions.getAddons.cache.enabled": false,
  "extensions.systemAddon.update.enabled": false,
  "extensions.update.enabled": false,
  "media.gmp-manager.updateEnabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "network.prefetch-next": false,
  "network.proxy.type": 0,
  "services.settings.server": "data:,#",
  "startup.homepage_welcome_url": "",
  "toolkit.coverage.opt-out": true,
  "toolkit.telemetry.reportingpolicy.firstRun": false,
  "toolkit.telemetry.unified": false,
};

const FIREFOX_GPU = {
  "webgl.force-enabled": true,
  "webgl.forbid-software": false,
  "dom.webgpu.enabled": true,
  "gfx.webgpu.ignore-blocklist": true,
};

/**
 * The first of some programs that runs here, with its version.
 * @param {string[]} candidates
 */
function firstThatRuns(candidates) {
  for (const binary of candidates) {
    const { status, stdout } = spawnSync(binary, ["--version"], { encoding: "utf8" });
    if (status !== 0) continue;
    return { binary, version: /\d+(\.\w+)+/.exec(stdout)?.[0] ?? stdout.trim() };
  }
  return { binary: undefined, version: "-" };
}

/** The browsers, whether they are there or not. @returns {Browser[]} */
export function findBrowsers() {
  return [
    {
      name: "chromium",
      ...firstThatRuns(CHROMIUMS),
      prepare() {},
      argv: (profile, url, gpu = false) => [
        ...CHROMIUM_FLAGS,
        ...(gpu ? CHROMIUM_GPU : ["--disable-gpu"]),
        `--user-data-dir=${profile}`,
        url,
      ],
    },
    {
      name: "firefox",
      ...firstThatRuns(FIREFOXES),
      prepare(profile, gpu = false) {
        const preferences = { ...FIREFOX_PREFERENCES, ...(gpu ? FIREFOX_GPU : {}) };
        const lines = Object.entries(preferences).map(
          ([name, value]) => `user_pref("${name}", ${JSON.stringify(value)});\n`,
        );
        writeFileSync(join(profile, "user.js"), lines.join(""));
      },
      argv: (profile, url) => ["--headless", "--no-remote", "--profile", profile, url],
    },
  ];
}
