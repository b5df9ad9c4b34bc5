import "./choose.ts";

await import("../step-model.test.ts");
