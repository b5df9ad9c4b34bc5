import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openSource } from "../src/state/sources/open-source.ts";
import { assertReads, errorOf, someBytes } from "./reference/transfers.ts";

const test = suite("loads over HTTP");

const A = someBytes(400_003, 1);
// Compresses well: its length as sent is not its own.
const ZEROS = new Uint8Array(300_000).fill(5);

const ROUTES: Record<string, (response: ServerResponse, request: IncomingMessage) => void> = {
  "/whole": (response) => response.writeHead(200, { "content-length": A.length }).end(A),
  "/chunked": (response) => {
    response.writeHead(200);
    response.write(A.subarray(0, 1));
    response.write(A.subarray(1, 100_000));
    setTimeout(() => response.end(A.subarray(100_000)), 20);
  },
  "/gzip": (response) => {
    const sent = gzipSync(ZEROS);
    const headers = { "content-encoding": "gzip", "content-length": sent.length };
    response.writeHead(200, headers).end(sent);
  },
  "/moved": (response) => response.writeHead(302, { location: "/whole" }).end(),
  "/cut": (response) => {
    response.writeHead(200, { "content-length": A.length });
    response.write(A.subarray(0, 1000), () => setTimeout(() => response.destroy(), 20));
  },
  "/cut-chunked": (response) => {
    response.writeHead(200);
    response.write(A.subarray(0, 1000), () => setTimeout(() => response.destroy(), 20));
  },
  "/endless": (response) => {
    const timer = setInterval(() => response.write(A), 5);
    response.on("close", () => {
      clearInterval(timer);
      endlessClosed();
    });
  },
  "/busy": (response) => response.writeHead(503).end("later"),
};
let endlessClosed = () => {};

const server = createServer((request, response) => {
  const path = new URL(request.url ?? "/", "http://host").pathname;
  const route = ROUTES[path];
  if (route) route(response, request);
  else response.writeHead(404).end("no such thing");
});
let origin = "";
test.before(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
test.after(() => {
  server.closeAllConnections();
  server.close();
});
const at = (path: string) => new URL(path, origin);

test("a body with its length, in chunks, and after a redirection", async () => {
  await assertReads(at("/whole"), A);
  await assertReads(at("/moved"), A);
  await assertReads(at("/chunked"), A, null);
  await assertReads(await fetch(at("/whole")), A);
});

test("a compressed body, whose length as sent is not its own", () =>
  assertReads(at("/gzip"), ZEROS, null));

test("a data: URL and a blob: URL", async () => {
  const base64 = Buffer.from(A.subarray(0, 300)).toString("base64");
  await assertReads(new URL(`data:;base64,${base64}`), A.subarray(0, 300), null);
  const blob = new URL(URL.createObjectURL(new Blob([A])));
  const { size } = await openSource(blob);
  assert.ok(size === A.length || size === null, `${size}`); // Bun does not say
  await assertReads(blob, A, size);
  URL.revokeObjectURL(blob.href);
});

test("the status of a refusal is told, and nothing secret of the URL", async () => {
  const rows: [path: string, status: string][] = [
    ["/none", "404 Not Found"],
    ["/busy", "503 Service Unavailable"],
  ];
  for (const [path, status] of rows) {
    const error = await errorOf(() => openSource(at(`${path}?signature=secret`)));
    assert.is(error.message, `load from ${origin}${path} failed: ${status}`);
  }
});

test("nobody there", async () => {
  const free = createServer();
  await new Promise<void>((resolve) => free.listen(0, "127.0.0.1", resolve));
  const { port } = free.address() as AddressInfo;
  await new Promise((resolve) => free.close(resolve));
  const error = await errorOf(() => openSource(new URL(`http://127.0.0.1:${port}/m?key=secret`)));
  const start = `load from http://127.0.0.1:${port}/m failed: `;
  assert.ok(error.message.startsWith(start), error.message);
  assert.match(error.message, /refused/i);
  assert.not.match(error.message, /secret/);
});

for (const path of ["/cut", "/cut-chunked"]) {
  test(`a body that breaks off is an error: ${path}`, async () => {
    const reader = await openSource(at(path));
    const error = await errorOf(() => reader.read(new Uint8Array(A.length)));
    assert.match(error.message, `load from ${origin}${path} failed after 1000 bytes: `);
    await reader.close();
  });
}

test("close ends the download", async () => {
  const closed = new Promise<void>((resolve) => {
    endlessClosed = resolve;
  });
  const reader = await openSource(at("/endless"));
  await reader.read(new Uint8Array(1000));
  await reader.close();
  await closed;
});

test("what a server says of its failure is on one line and steers no terminal", async () => {
  const response = new Response("", { status: 500, statusText: "\x9b31mno\xadt" });
  const error = await errorOf(() => openSource(response));
  assert.is(error.message, "load from a Response failed: 500 \\u009b31mno\\u00adt");
  const reading = openSource(
    new ReadableStream({ start: (controller) => controller.error(new Error("a\x1b[2J\nb")) }),
  );
  const broken = await errorOf(async () => (await reading).read(new Uint8Array(1)));
  assert.is(broken.message, "load from a stream failed after 0 bytes: a\\u001b[2J\\u000ab");
});

test.run();
