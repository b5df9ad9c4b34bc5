import "./choose.ts";

await import("../clip-step.test.ts");
