// Opens the page in a real browser, and keeps book of what it must not do.

import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { launch } from "puppeteer-core";

/**
 * @typedef {import("puppeteer-core").Page} Page
 * @typedef {import("../find-browsers.mjs").Browser} Found
 *
 * @typedef {object} Opened
 * @property {import("puppeteer-core").Browser} browser
 * @property {string} downloads  folder
 * @property {() => Promise<void>} close
 */

const LIMIT_MS = 240_000;

/** @param {Found} found @returns {Promise<Opened>} */
export async function openBrowser(found) {
  const home = mkdtempSync(join(tmpdir(), "ashlar-web-"));
  const downloads = join(home, "downloads");
  mkdirSync(downloads);
  const profile = join(home, "profile");
  mkdirSync(profile);
  const firefox = found.name === "firefox";
  const browser = await launch({
    browser: firefox ? "firefox" : "chrome",
    executablePath: wholePath(/** @type {string} */ (found.binary)),
    headless: true,
    env: { ...process.env, HOME: home, XDG_RUNTIME_DIR: home },
    ...(firefox
      ? {
          extraPrefsFirefox: {
            ...preferencesOf(found, profile),
            "browser.download.folderList": 2,
            "browser.download.dir": downloads,
            "browser.download.useDownloadDir": true,
            "browser.download.always_ask_before_handling_new_types": false,
          },
        }
      : {
          args: found
            .argv(profile, "")
            .filter((flag) => flag && !/--(user-data|headless)/.test(flag)),
          downloadBehavior: { policy: "allow", downloadPath: downloads },
        }),
  });
  return {
    browser,
    downloads,
    async close() {
      await browser.close();
      rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    },
  };
}

/** A program's own path; puppeteer looks nothing up. @param {string} binary */
function wholePath(binary) {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.map((folder) => join(folder, binary)).find(existsSync) ?? binary;
}

/** What `prepare` writes for Firefox. @param {Found} found @param {string} profile */
function preferencesOf(found, profile) {
  found.prepare(profile);
  const lines = readFileSync(join(profile, "user.js"), "utf8").trimEnd().split("\n");
  return Object.fromEntries(
    lines.map((line) => JSON.parse(line.replace(/^user_pref\((.*)\);$/, "[$1]"))),
  );
}

/**
 * A page in a new tab, and what it did that it must not.
 * @param {Opened} opened
 * @param {string} origin
 */
export async function openTab({ browser }, origin) {
  const page = await browser.newPage();
  const complaints = /** @type {string[]} */ ([]);
  page.setDefaultTimeout(LIMIT_MS);
  await page.setViewport({ width: 1280, height: 900 });
  page.on("console", (message) => {
    if (["error", "warn", "assert"].includes(message.type())) {
      complaints.push(`${message.type()}: ${message.text()}`);
    }
  });
  page.on("pageerror", (error) => complaints.push(`uncaught: ${error}`));
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(`${origin}/`) && !/^(blob|data|about):/.test(url)) {
      complaints.push(`request to ${url}`);
    }
  });
  await page.evaluateOnNewDocument(() => {
    addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI }) => {
      console.error(`policy: ${effectiveDirective} refuses ${blockedURI}`);
    });
  });
  await page.goto(`${origin}/`);
  await untilState(page, "idle");
  return { page, complaints };
}

/** @param {string} id */
export const at = (id) => `[data-testid="${id}"]`;

/** @param {Page} page @param {string} id @param {string} key  of its dataset */
export function dataOf(page, id, key) {
  return page.$eval(
    at(id),
    (element, key) => /** @type {HTMLElement} */ (element).dataset[key] ?? "",
    key,
  );
}

/** @param {Page} page @param {string} id */
export const textOf = (page, id) =>
  page.$eval(at(id), (element) => element.textContent?.trim() ?? "");

/** Waits for a state whose buttons can be pressed. @param {Page} page @param {string} state */
export async function untilState(page, state) {
  const button = { idle: "start", training: "pause", paused: "resume", done: "reset" }[state];
  await page.waitForSelector(`${at("state")}[data-state="${state}"]`);
  await page.waitForSelector(`${at(button ?? "")}:not([disabled])`);
}

/** The digest of the run that has come to its end. @param {Page} page */
export async function digestOf(page) {
  await untilState(page, "done");
  await page.waitForFunction(
    (at) => document.querySelector(at)?.textContent?.trim(),
    {},
    at("digest"),
  );
  return textOf(page, "digest");
}

/** @param {Page} page @param {number} step */
export const untilStep = (page, step) =>
  page.waitForFunction(
    (selector, step) =>
      Number(/** @type {HTMLElement} */ (document.querySelector(selector)).dataset.step) >= step,
    {},
    at("step"),
    step,
  );

/** Sets an input's value as typing does. @param {Page} page @param {string} id @param {string} value */
export async function fill(page, id, value) {
  await page.$eval(
    at(id),
    (element, value) => {
      const input = /** @type {HTMLInputElement} */ (element);
      input.value = value;
      for (const type of ["input", "change"]) {
        input.dispatchEvent(new Event(type, { bubbles: true }));
      }
    },
    value,
  );
}

/** @param {Page} page @param {string} id @param {string[]} paths */
export async function chooseFiles(page, id, paths) {
  const input = await page.$(at(id));
  if (!input) throw new Error(`no element ${id}`);
  await /** @type {import("puppeteer-core").ElementHandle<HTMLInputElement>} */ (input).uploadFile(
    ...paths,
  );
}

/** The file that a click downloads. @param {Opened} opened @param {() => Promise<void>} click */
export async function downloadOf({ downloads }, click) {
  const before = new Set(readdirSync(downloads));
  await click();
  for (let waited = 0; waited < LIMIT_MS; waited += 100) {
    const fresh = readdirSync(downloads).filter((name) => !before.has(name));
    if (fresh.length === 1 && !/\.(part|crdownload)$/.test(fresh[0])) {
      const path = join(downloads, fresh[0]);
      if (readFileSync(path).length > 0) return path;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`no download: ${readdirSync(downloads).join(", ") || "the folder is empty"}`);
}

/**
 * The language that the page takes a text for.
 * @param {Page} page
 * @param {string} text
 * @returns {Promise<string>}
 */
export async function languageOf(page, text) {
  await fill(page, "classify-text", "");
  await page.waitForFunction(
    (selector) => !document.querySelector(`${selector} [data-language]`),
    {},
    at("classify-result"),
  );
  await fill(page, "classify-text", text);
  await page.waitForSelector(`${at("classify-result")} [data-language]`);
  return page.$eval(
    `${at("classify-result")} [data-language]`,
    (element) => /** @type {HTMLElement} */ (element).dataset.language ?? "",
  );
}
