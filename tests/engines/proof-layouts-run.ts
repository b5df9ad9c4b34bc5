import { layoutDigest, type NamedLayout, randomOrders, randomPartitions } from "./proof-layouts.ts";

// The program that scripts/proof.mjs runs in Node: STEPS PARTITIONS ORDERS. A line `NAME DIGEST` each.

const [steps, partitions, orders] = process.argv.slice(2).map(Number);
const layouts: NamedLayout[] = [...randomPartitions(partitions), ...randomOrders(orders)];
for (const layout of layouts) {
  console.log(`${layout.name} ${await layoutDigest(steps, layout)}`);
}
