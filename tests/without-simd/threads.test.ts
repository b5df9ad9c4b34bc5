import "./choose.ts";

await import("../threads.test.ts");
