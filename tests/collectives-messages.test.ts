import { suite } from "uvu";
import { MessageCollective } from "../src/collectives/index.ts";
import { conformance } from "./collectives/conformance.ts";
import { Wire } from "./collectives/wire.ts";

// MessageCollective over links that carry little at a time, at addresses where no float can lie.

const test = suite("collectives-messages");

conformance(
  test,
  async (size) => new Wire(size, 1027).links.map((link) => new MessageCollective(link)),
  [1, 2, 3, 5],
);

test.run();
