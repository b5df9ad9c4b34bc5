interface Engines {
  readonly Deno?: { readonly version?: { readonly deno?: string } };
  readonly Bun?: { readonly version?: string };
  readonly process?: { readonly versions?: { readonly node?: string } };
  readonly navigator?: { readonly userAgent?: string };
}

/** What runs this program, as far as it says: "Node 20.20.2", or a browser's user agent. */
export function engineName(engines: Engines = globalThis as Engines): string {
  const { Deno, Bun, process, navigator } = engines;
  // Deno and Bun say that they are Node, too.
  if (Deno?.version?.deno) return `Deno ${Deno.version.deno}`;
  if (Bun?.version) return `Bun ${Bun.version}`;
  if (process?.versions?.node) return `Node ${process.versions.node}`;
  return navigator?.userAgent ?? "unknown";
}
