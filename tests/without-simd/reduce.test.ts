import "./choose.ts";

await import("../reduce.test.ts");
