import { type Corpus, type CorpusIndex, unpackCorpus } from "./corpus.ts";

/** Names of the packed files; all but the index are gzipped. */
export const CORPUS_FILES = {
  index: "index.json",
  model: "model.pack",
  train: "train.pack",
  heldOut: "held-out.pack",
} as const;

/**
 * Fetches what `node scripts/web.mjs` has packed.
 *
 * @param folder URL that ends in a slash
 * @param onProgress called after each file, with the share that is there, 0 to 1
 */
export async function fetchCorpus(
  folder: URL,
  onProgress: (share: number) => void,
): Promise<Corpus> {
  let fetched = 0;
  const count = Object.keys(CORPUS_FILES).length;
  const get = async <T>(name: string, read: (response: Response) => Promise<T>) => {
    const response = await fetch(new URL(name, folder));
    if (!response.ok) throw new Error(`${name}: the server answered ${response.status}`);
    const contents = await read(response);
    onProgress(++fetched / count);
    return contents;
  };
  const [index, model, train, heldOut] = await Promise.all([
    get(CORPUS_FILES.index, (response) => response.json() as Promise<CorpusIndex>),
    get(CORPUS_FILES.model, unzipped),
    get(CORPUS_FILES.train, unzipped),
    get(CORPUS_FILES.heldOut, unzipped),
  ]);
  return unpackCorpus({ index, model, train, heldOut });
}

async function unzipped({ body }: Response): Promise<Uint8Array> {
  if (!body) throw new Error("a packed file is empty");
  const stream = body.pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
