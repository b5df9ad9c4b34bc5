import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

// Real servers for tests, by scripts/find-nats-server.mjs.

export interface Server {
  readonly url: string;
  readonly websocketUrl: string;
  stop(): Promise<void>;
}

interface Script {
  readonly NOT_FOUND: string;
  findNatsServer(options?: { candidates?: readonly string[] }): string | undefined;
  startNatsServer(
    binary: string,
    options?: { maxPayload?: number; more?: string },
  ): Promise<Server>;
}

const script = (await import(
  pathToFileURL(resolve("scripts/find-nats-server.mjs")).href
)) as Script;

export const { NOT_FOUND, findNatsServer, startNatsServer } = script;

/** The program; undefined where there is none, and what needs one is skipped. */
export const binary = findNatsServer();
/** What a suite of such tests is called. */
export const titled = (title: string) => (binary === undefined ? `${title} (${NOT_FOUND})` : title);

/** Runs with a server of its own. */
export async function withServer(
  options: { maxPayload?: number; more?: string },
  use: (server: Server) => Promise<void>,
): Promise<void> {
  const server = await startNatsServer(binary as string, options);
  try {
    await use(server);
  } finally {
    await server.stop();
  }
}
