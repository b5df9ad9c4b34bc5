import { readdirSync, readFileSync } from "node:fs";
import os from "node:os";
import { join } from "node:path";
import type { Machine } from "../report/result.ts";
import type { Context } from "./context.ts";
import { ROOT } from "./root.ts";

export function describeMachine(): Machine {
  return {
    cpu: `${os.cpus()[0]?.model ?? "unknown"} (${process.arch})`,
    cores: os.availableParallelism(),
    caches: cachesOf(),
    memoryGiB: Math.round(os.totalmem() / 2 ** 30),
    system: `${os.type()} ${os.release()}`,
    load: Number(os.loadavg()[0].toFixed(2)),
  };
}

/** "L2 1024K", one a cache of the first core; none where the system doesn't tell. */
function cachesOf(): string[] {
  const folder = "/sys/devices/system/cpu/cpu0/cache";
  try {
    return readdirSync(folder)
      .filter((name) => name.startsWith("index"))
      .map((name) => {
        const read = (file: string) => readFileSync(join(folder, name, file), "utf8").trim();
        const type = read("type");
        return `L${read("level")}${type === "Unified" ? "" : type[0].toLowerCase()} ${read("size")}`;
      });
  } catch {
    return []; // not Linux
  }
}

export function describeVersions({ native, python }: Context): Record<string, string> {
  return {
    ashlar: versionIn("package.json"),
    node: process.versions.node,
    v8: process.versions.v8,
    compiler: "why" in native ? "none" : native.compiler,
    tinybench: versionIn("node_modules/tinybench/package.json"),
    tfjs: versionIn("node_modules/@tensorflow/tfjs-core/package.json"),
    "jax-js": versionIn("node_modules/@jax-js/jax/package.json"),
    torch: "why" in python ? "none" : python.torch,
  };
}

function versionIn(manifest: string): string {
  try {
    return JSON.parse(readFileSync(join(ROOT, manifest), "utf8")).version;
  } catch {
    return "none";
  }
}
