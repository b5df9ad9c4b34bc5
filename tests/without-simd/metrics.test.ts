import "./choose.ts";

await import("../metrics.test.ts");
