// What it takes to check a step that somebody else took.

import * as format from "./format.mjs";
import { MODELS } from "./links.mjs";
import { BLOCK } from "./plan.mjs";

const SHARES = [1 / 2, 1 / 10, 1 / 100, 1 / 1000];
const HASH = 32;
/** Ranks whose gradients a dispute looks at. */
const RANKS = 100;

/** Wrong steps after which a cheat is found with a probability, if each step is audited with another. */
const until = (/** @type {number} */ probability, /** @type {number} */ share) =>
  Math.ceil(Math.log(1 - probability) / Math.log(1 - share));

export const audits = () =>
  format.table(
    [
      "share of steps that are audited",
      "added work",
      "found in half of all cases after",
      "in 99 %",
    ],
    SHARES.map((share) => [
      `1/${1 / share}`,
      format.percent(share),
      `${format.whole(until(0.5, share))} wrong steps`,
      `${format.whole(until(0.99, share))}`,
    ]),
  );

/** A tree of hashes over the blocks of a state: master weight and two moments of 4,096 elements a leaf. */
export const trees = () =>
  format.table(
    ["model", "leaves", "hashes, one step", "proof of a leaf", "dispute over one block"],
    MODELS.map(({ name, elements }) => {
      const leaves = Math.ceil(elements / BLOCK);
      const proof = Math.ceil(Math.log2(leaves)) * HASH;
      const state = 12 * BLOCK;
      // Of each rank its gradient of the block, with a proof of its own; the state before; both proofs.
      const dispute = state + 2 * proof + RANKS * (4 * BLOCK + proof);
      return [
        name,
        format.whole(leaves),
        format.bytes(2 * leaves * HASH),
        `${format.whole(proof)} B`,
        format.bytes(dispute),
      ];
    }),
  );
