import "./choose.ts";

await import("../gradients-reduce.test.ts");
