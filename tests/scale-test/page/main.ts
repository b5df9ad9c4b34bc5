// The rank is a worker, which the browser does not slow down.
const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
worker.onerror = ({ message }) => console.error(message);
worker.postMessage(location.search);
