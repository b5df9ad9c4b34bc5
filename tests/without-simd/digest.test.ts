import "./choose.ts";

await import("../digest.test.ts");
