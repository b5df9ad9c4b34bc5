// Step times of the named settings.

import { stepTime } from "./closed-form.mjs";
import { COSTS, LINKS, SERVER, SLICE } from "./links.mjs";

/**
 * @typedef {{ key: string, title: string, engine: "mesh" | "hub" | "ring", link: keyof typeof LINKS }} Fleet
 */

/** @type {readonly Fleet[]} */
export const FLEETS = [
  { key: "fast", title: "mesh, 100 Gb/s", engine: "mesh", link: "fast" },
  { key: "datacentre", title: "mesh, 10 Gb/s", engine: "mesh", link: "datacentre" },
  { key: "ring", title: "ring, 10 Gb/s", engine: "ring", link: "datacentre" },
  { key: "hub", title: "hub, 10 Gb/s", engine: "hub", link: "datacentre" },
  { key: "home", title: "mesh of homes", engine: "mesh", link: "home" },
  { key: "home-hub", title: "hub of homes", engine: "hub", link: "home" },
];

/**
 * @param {Pick<Fleet, "engine" | "link">} fleet @param {number} elements @param {number} ranks
 * @param {2 | 4} [weightBytes]
 */
export const timesOf = ({ engine, link }, elements, ranks, weightBytes = 4) =>
  stepTime({
    elements,
    ranks,
    sliceElements: SLICE,
    weightBytes,
    link: LINKS[link],
    engine,
    server: SERVER,
    costs: COSTS,
  });
