import "./choose.ts";

await import("../large-slabs.test.ts");
