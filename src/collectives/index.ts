// What ranks do together, and the ranks of one process: part of `ashlar/sharded`.
export type { Collective, Reduction } from "./collective.ts";
export { joinLocal, soloCollective } from "./local/join-local.ts";
export { type LocalRank, localRanks } from "./local/local-ranks.ts";
export type { Link, Receiver } from "./messages/link.ts";
export { MessageCollective } from "./messages/message-collective.ts";
export type { MessageOptions } from "./messages/options.ts";
