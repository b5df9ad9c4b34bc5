import "./choose.ts";

await import("../checksums.test.ts");
