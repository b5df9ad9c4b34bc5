// What the legs of scripts/web-check.mjs look at, and how.

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { at, chooseFiles, dataOf } from "./drive.mjs";

/** @typedef {import("./drive.mjs").Page} Page */

/** @param {Page} page @param {string} path @param {string} state */
export async function refuses(page, path, state) {
  await chooseFiles(page, "load-file", [path]);
  await untilError(page);
  assert.equal(await dataOf(page, "state", "state"), state);
  await page.click("#error-close");
  await page.waitForFunction((at) => !document.querySelector(at)?.textContent, {}, at("error"));
}

/** @param {Page} page */
export const untilError = (page) =>
  page.waitForFunction((at) => document.querySelector(at)?.textContent?.trim(), {}, at("error"));

/** One bit of it is another, in the middle of a tensor. @param {string} file */
export function damaged(file) {
  const bytes = readFileSync(file);
  bytes[bytes.length >> 1] ^= 1;
  const path = file.replace(/\.safetensors$/, ".damaged.safetensors");
  writeFileSync(path, bytes);
  return path;
}

/** @param {string} folder */
export function foreign(folder) {
  const path = join(folder, "foreign.safetensors");
  writeFileSync(path, "This is no checkpoint.\n".repeat(100));
  return path;
}

/**
 * What is forbidden fails, and is seen to: else the rows about violations would say nothing.
 * @param {Page} page @param {string[]} complaints @param {string} browser
 */
export async function policyHolds(page, complaints, browser) {
  const before = complaints.length;
  await page.evaluate(async () => {
    await fetch("http://127.0.0.1:9/").catch(() => {});
    const style = document.createElement("style");
    style.textContent = "body { color: red }";
    document.head.append(style);
    style.remove();
  });
  await new Promise((resolve) => setTimeout(resolve, 300));
  const told = complaints.slice(before).filter((line) => /policy: /.test(line));
  for (const directive of ["connect-src", "style-src"]) {
    assert.ok(
      told.some((line) => line.includes(directive)),
      `${directive}: ${told.join("; ") || "nothing refused"}`,
    );
  }
  if (browser === "chromium") await policyHoldsInWorker(page);
  await new Promise((resolve) => setTimeout(resolve, 300));
  complaints.splice(before);
  return browser === "chromium" ? "page and worker" : "page";
}

/** Firefox runs no scripts of ours in a worker. @param {Page} page */
async function policyHoldsInWorker(page) {
  const [worker] = page.workers();
  const refused = await worker.evaluate(() => {
    return new Promise((resolve) => {
      addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective));
      fetch("http://127.0.0.1:9/").catch(() => {});
      setTimeout(() => resolve("nothing"), 2_000);
    });
  });
  assert.equal(refused, "connect-src", "refused in the worker");
}

/** Nothing is cut off at the side, or to be scrolled to. @param {Page} page */
export async function fits(page) {
  for (const width of [320, 390, 768, 1280]) {
    await page.setViewport({ width, height: 900 });
    await new Promise((resolve) => setTimeout(resolve, 200));
    const wide = await page.evaluate(() => {
      const root = document.documentElement;
      return root.scrollWidth - root.clientWidth;
    });
    assert.ok(wide <= 0, `at ${width} pixels it is ${wide} pixels too wide`);
  }
}

/** @param {Page} page @param {string | undefined} folder @param {string} name */
export async function shoot(page, folder, name) {
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}

/** @param {Page} page @param {string | undefined} folder @param {string} name */
export async function takePictures(page, folder, name) {
  if (folder === undefined) return;
  const themeOf = () => page.evaluate(() => document.documentElement.dataset.theme);
  await page.setViewport({ width: 1280, height: 900 });
  for (const theme of ["light", "dark"]) {
    for (let clicks = 0; clicks < 3 && (await themeOf()) !== theme; clicks++) {
      await page.click(at("theme"));
    }
    await new Promise((resolve) => setTimeout(resolve, 400));
    await shoot(page, folder, `${name}-desktop-${theme}`);
  }
  await page.setViewport({ width: 390, height: 844 });
  await new Promise((resolve) => setTimeout(resolve, 400));
  await shoot(page, folder, `${name}-phone`);
  await page.setViewport({ width: 1280, height: 900 });
}
