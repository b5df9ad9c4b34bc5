import "./choose.ts";

await import("../kernel-gradients.test.ts");
