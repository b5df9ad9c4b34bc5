// What scripts/web-check.mjs does with the page: as a user would, by its buttons and fields.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  damaged,
  fits,
  foreign,
  policyHolds,
  refuses,
  shoot,
  takePictures,
  untilError,
} from "./checks.mjs";
import {
  at,
  chooseFiles,
  dataOf,
  digestOf,
  downloadOf,
  fill,
  languageOf,
  openTab,
  textOf,
  untilState,
  untilStep,
} from "./drive.mjs";
import { forthFiles } from "./own-files.mjs";

/**
 * @typedef {import("./drive.mjs").Page} Page
 *
 * @typedef {object} Context
 * @property {string} browser  name
 * @property {import("./drive.mjs").Opened} opened
 * @property {{ isolated: string, plain: string }} origins
 * @property {Awaited<ReturnType<typeof import("./node-runs.mjs").nodeRuns>>} node
 * @property {string | undefined} screenshots  folder
 * @property {(what: string, work: () => Promise<string | void>) => Promise<void>} row
 */

export const SHORT_STEPS = 40;
export const FORTH = { name: "forth", files: forthFiles(9) };
const PAUSE_AT = 60;

/**
 * The run of `npm start`, with a pause, a reload and a file in between.
 * @param {Context} context
 */
export async function wholeRun({ opened, origins, node, screenshots, row, browser }) {
  const { page, complaints } = await openTab(opened, origins.isolated);
  const solidity = node.textOf("solidity");
  let paused = 0;
  let file = "";
  await row("loads, isolated", async () => {
    assert.equal(await dataOf(page, "isolation", "isolated"), "true");
  });
  await row("names a text before training", async () => {
    const language = await languageOf(page, solidity);
    assert.notEqual(language, "solidity");
    return language;
  });
  await row("starts by the keyboard and pauses", async () => {
    await page.focus(at("start"));
    await page.keyboard.press("Enter");
    await untilStep(page, PAUSE_AT);
    await page.click(at("pause"));
    await untilState(page, "paused");
    paused = Number(await dataOf(page, "step", "step"));
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.equal(Number(await dataOf(page, "step", "step")), paused, "it stands still");
    assert.ok(paused < node.steps);
    return `step ${paused}`;
  });
  await row("names a text in between", () => languageOf(page, solidity));
  await shoot(page, screenshots, `${browser}-paused`);
  await row("saves", async () => {
    file = await downloadOf(opened, () => page.click(at("save")));
    return `${(readFileSync(file).length / 1e6).toFixed(1)} MB`;
  });
  await row("refuses damaged and foreign files, and changes nothing", async () => {
    await page.reload();
    await untilState(page, "idle");
    await refuses(page, damaged(file), "idle");
    await refuses(page, foreign(opened.downloads), "idle");
    assert.equal(await dataOf(page, "step", "step"), "0");
  });
  await row("loads the saved run after a reload", async () => {
    await chooseFiles(page, "load-file", [file]);
    await untilState(page, "paused");
    assert.equal(Number(await dataOf(page, "step", "step")), paused);
    await refuses(page, damaged(file), "paused");
    assert.equal(Number(await dataOf(page, "step", "step")), paused);
  });
  await row("comes to Node's digest", async () => {
    await page.click(at("resume"));
    assert.equal(await digestOf(page), node.expected);
    assert.equal(await dataOf(page, "digest-badge", "same"), "true");
    return `${node.expected.slice(0, 8)}, ${await dataOf(page, "isolation", "threads")} threads`;
  });
  await row("names texts of the new languages after training", async () => {
    for (const language of ["solidity", "svelte", "assemblyscript"]) {
      assert.equal(await languageOf(page, node.textOf(language)), language);
    }
    const accuracy = Number(await dataOf(page, "new-accuracy", "value"));
    assert.ok(accuracy > 0.9, `accuracy ${accuracy}`);
    return `accuracy ${accuracy.toFixed(3)}`;
  });
  await row("fits screens from 320 pixels on", () => fits(page));
  await takePictures(page, screenshots, browser);
  await row("starts over", async () => {
    await page.click(at("reset"));
    await untilState(page, "idle");
    assert.equal(await dataOf(page, "step", "step"), "0");
    assert.notEqual(await languageOf(page, solidity), "solidity");
  });
  await row("the policy is in force", () => policyHolds(page, complaints, browser));
  await finish({ page, complaints, row }, "the whole run");
}

/**
 * A short run without shared memory, or with a number of threads.
 * @param {Context} context
 * @param {{ isolated: boolean, threads: string, digest: string }} plan
 */
export async function shortRun({ opened, origins, row }, { isolated, threads, digest }) {
  const origin = isolated ? origins.isolated : origins.plain;
  const { page, complaints } = await openTab(opened, origin);
  const name = isolated ? `${threads} threads` : "not isolated";
  await row(`${name}: the same digest`, async () => {
    assert.equal(await dataOf(page, "isolation", "isolated"), String(isolated));
    await start(page, threads);
    assert.equal(await digestOf(page), digest);
    const running = await dataOf(page, "isolation", "threads");
    assert.equal(running, isolated ? threads : "1", "threads");
    assert.equal(await dataOf(page, "digest-badge", "same"), "none");
    return `${digest.slice(0, 8)}, ${SHORT_STEPS} steps`;
  });
  await finish({ page, complaints, row }, name);
}

/**
 * A class of the user's own, saved and loaded with the run.
 * @param {Context} context
 * @param {{ digest: string }} plan
 */
export async function ownClass({ opened, origins, row, screenshots, browser }, { digest }) {
  const { page, complaints } = await openTab(opened, origins.isolated);
  const paths = FORTH.files.map(({ name, text }) => {
    const path = join(opened.downloads, name);
    writeFileSync(path, text);
    return path;
  });
  let file = "";
  await row("own class: added by files", async () => {
    await fill(page, "class-name", FORTH.name);
    await chooseFiles(page, "class-files", paths);
    await page.click(`${at("class-add")}:not([disabled])`);
    await page.waitForSelector(`${at("class-list")} [data-class="${FORTH.name}"]`);
    await shoot(page, screenshots, `${browser}-own-class`);
    return `${paths.length} files`;
  });
  await row("own class: a name that there is already is refused", async () => {
    await fill(page, "class-name", FORTH.name);
    await chooseFiles(page, "class-files", paths.slice(0, 1));
    await page.click(`${at("class-add")}:not([disabled])`);
    await untilError(page);
    const count = await page.$$eval(`${at("class-list")} [data-class]`, (all) => all.length);
    assert.equal(count, 1);
  });
  await row("own class: goes with the saved run", async () => {
    await start(page, "1");
    await untilStep(page, SHORT_STEPS / 2);
    await page.click(at("pause"));
    await untilState(page, "paused");
    file = await downloadOf(opened, () => page.click(at("save")));
    await page.reload();
    await untilState(page, "idle");
    await chooseFiles(page, "load-file", [file]);
    await untilState(page, "paused");
    await page.waitForSelector(`${at("class-list")} [data-class="${FORTH.name}"]`);
  });
  await row("own class: learnt, and with Node's digest", async () => {
    await page.click(at("resume"));
    assert.equal(await digestOf(page), digest);
    const [, heldOut] = FORTH.files;
    assert.equal(await languageOf(page, heldOut.text), FORTH.name);
    return digest.slice(0, 8);
  });
  await finish({ page, complaints, row }, "own class");
}

/** @param {Page} page @param {string} threads */
async function start(page, threads) {
  await fill(page, "steps", String(SHORT_STEPS));
  await page.select(at("threads"), threads);
  await page.click(at("start"));
  await untilState(page, "training");
}

/** @param {{ page: Page, complaints: string[], row: Context["row"] }} leg @param {string} name */
async function finish({ page, complaints, row }, name) {
  await row(`${name}: no errors, no violations, no other origin`, async () => {
    assert.deepEqual(complaints, []);
    assert.equal(await textOf(page, "error"), "");
  });
  await page.close();
}
