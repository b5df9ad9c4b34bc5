// Messages over NATS, which may lose them: what a rank must notice, and who it may wait for.

/** @typedef {import("./mutant.mjs").Mutant} Mutant */

const LINK = "src/adapters/nats/nats-link.ts";
const CREDIT = "src/adapters/nats/credit.ts";
const WIRE = "src/adapters/nats/wire.ts";
const MEMBERSHIP = "src/adapters/nats/membership.ts";

/** @type {readonly Mutant[]} */
export const NATS_MUTANTS = [
  {
    id: "nats-gap-unnoticed",
    what: "a message that is missing is not missed",
    file: LINK,
    find: "kind === DATA && number === expected >>> 0",
    replace: "kind === DATA && number >= expected >>> 0",
    tests: ["nats-link.test.js"],
  },
  {
    id: "nats-interruption-trusted",
    what: "a connection that comes back is taken for one that was there all the time",
    file: WIRE,
    find: 'if (type === "disconnect") {',
    replace: 'if (type === "staleConnection") {',
    tests: ["nats-link.test.js", "nats-joining.test.js"],
  },
  {
    id: "nats-no-window",
    what: "a rank sends as fast as it can",
    file: CREDIT,
    find: "return this.#sent + length - this.#arrived <= this.#window;",
    replace: "return this.#sent + length - this.#arrived <= 1e12;",
    tests: ["nats-link.test.js"],
  },
  {
    id: "nats-overtaken",
    what: "a small message overtakes large ones that wait",
    file: CREDIT,
    find: "(this.#waiting.length === 0 && (length <= SMALL || this.#hasRoom(length)))",
    replace: "length <= SMALL || (this.#waiting.length === 0 && this.#hasRoom(length))",
    tests: ["nats-link.test.js"],
  },
  {
    id: "nats-flooded",
    what: "a rank that is behind gets what goes to all, all the same",
    file: LINK,
    find: "if (length > SMALL && credits.every((credit) => credit.fits(length))) {",
    replace: "if (length > SMALL && credits.some((credit) => credit.fits(length))) {",
    tests: ["nats-link.test.js"],
  },
  {
    id: "nats-twin-of-a-run",
    what: "a second member of a rank ousts the first of a run",
    file: MEMBERSHIP,
    find: "if (running || since < mine.since",
    replace: "if (since < mine.since",
    tests: ["nats-joining.test.js"],
  },
  {
    id: "nats-run-of-others",
    what: "a member of an earlier run is taken for one of this",
    file: MEMBERSHIP,
    find: "if (said.running && !said.members?.includes(this.#me.member)) return;",
    replace: "if (said.running && said.size < 0) return;",
    tests: ["nats-joining.test.js"],
  },
];
