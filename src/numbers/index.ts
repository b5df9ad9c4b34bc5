/**
 * Scalar mathematics with the same bits in every engine: + - * /, floor and exact scalings by
 * powers of 2, which ECMAScript defines to the last bit. What Math.exp, Math.log, Math.pow and
 * Math.cos return is left to each engine, and engines differ. The public subpath `ashlar/numbers`.
 *
 * @module
 */
export { cosPi } from "./cos-pi.ts";
export { exp } from "./exp.ts";
export { ipow } from "./ipow.ts";
export { log } from "./log.ts";
export { pow } from "./pow.ts";
