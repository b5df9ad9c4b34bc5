import "./choose.ts";

await import("../half.test.ts");
