import { type SpawnSyncReturns, spawnSync } from "node:child_process";
import { join } from "node:path";

/** Runs npm in a folder, without a network: its registry is a closed port and its cache empty. */
export function npmIn(folder: string, ...argv: string[]): SpawnSyncReturns<string> {
  const result = spawnSync("npm", argv, {
    cwd: folder,
    encoding: "utf8",
    shell: process.platform === "win32",
    env: { ...process.env, ...OFFLINE, npm_config_cache: join(folder, ".npm-cache") },
  });
  if (result.status === 0) return result;
  throw new Error(`npm ${argv[0]}: ${result.error?.message ?? result.stderr}`);
}

/** Port 9 of this machine: nothing listens there. */
export const OFFLINE = {
  npm_config_registry: "http://127.0.0.1:9/",
  npm_config_fetch_retries: "0",
  npm_config_update_notifier: "false",
};
