import "./choose.ts";

await import("../non-finite-places.test.ts");
