import "./choose.ts";

await import("../sparse-step.test.ts");
