// What the tables of docs/scale.md assume. Times in seconds, rates in bytes per second.

/** @typedef {{ name: string, up: number, down: number, latency: number }} Link one way, of a rank */

const megabits = (/** @type {number} */ rate) => (rate * 1e6) / 8;

/** @type {Readonly<Record<"fast" | "datacentre" | "home", Link>>} */
export const LINKS = {
  fast: { name: "100 Gb/s, 10 us", up: megabits(1e5), down: megabits(1e5), latency: 10e-6 },
  datacentre: { name: "10 Gb/s, 50 us", up: megabits(1e4), down: megabits(1e4), latency: 50e-6 },
  home: {
    name: "home, 10 up / 50 down Mb/s, 30 ms",
    up: megabits(10),
    down: megabits(50),
    latency: 0.03,
  },
};

/** The one server that all bytes pass on a hub, each way. */
export const SERVER = { up: megabits(1e4), down: megabits(1e4) };

/** Seconds of an element or of a message. */
export const COSTS = {
  // docs/performance.md, "step", 16M parameters: ashlar.
  update: 1.24e-9,
  // Measured: `into[i] += part[i]` over Float32Arrays of 64 MiB, Node 20, the machine of docs/performance.md.
  add: 1.4e-9,
  // Assumed: a rank's own time for a message it sends or gets, and the server's for one it passes on.
  message: 10e-6,
  passing: 1e-6,
};

/** @typedef {{ name: string, elements: number }} Model */
/** @type {readonly Model[]} */
export const MODELS = [
  { name: "690 k", elements: 690_000 },
  { name: "125 M", elements: 125_000_000 },
  { name: "1 B", elements: 1_000_000_000 },
  { name: "7 B", elements: 7_000_000_000 },
];

export const RANKS = [1, 2, 4, 10, 100, 1000, 10_000];

/** Elements that a rank owns of a bucket, at most: the default of `bucketBytes`. */
export const SLICE = 1_048_576;
