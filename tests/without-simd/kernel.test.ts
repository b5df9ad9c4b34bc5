import "./choose.ts";

await import("../kernel.test.ts");
