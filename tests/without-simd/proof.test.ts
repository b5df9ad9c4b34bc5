import "./choose.ts";

await import("../proof.test.ts");
