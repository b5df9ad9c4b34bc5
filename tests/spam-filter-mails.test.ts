import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Random } from "../examples/common/random.ts";
import { loadCorpus, splitCorpus } from "../examples/spam-filter/corpus.ts";
import { drawLabelled, LABELLED, shuffledBatches } from "../examples/spam-filter/labelled.ts";
import { readMail } from "../examples/spam-filter/mail.ts";
import { withoutNearDuplicates } from "../examples/spam-filter/near-duplicates.ts";
import { canBeCut, pairOf } from "../examples/spam-filter/pairs.ts";
import {
  BREAK,
  FIRST_WORD,
  START,
  VOCABULARY,
  Vocabulary,
} from "../examples/spam-filter/vocabulary.ts";
import { words } from "../examples/spam-filter/words.ts";

const test = suite("spam filter: mails");
const lines = (...all: string[]) => all.join("\r\n");

test("of the headers only the subject is read, without list names and Re:", () => {
  const raw = lines(
    "Received: from spam.example by host",
    "Subject: Re: [ILUG] Re: Cheap",
    "\tprinters",
    "X-Spam: yes",
    "",
    "> quoted words",
    "Own words",
  );
  const { subject, body } = readMail(raw);
  assert.equal(words(subject), ["cheap", "printers"]);
  assert.is(body, "Own words");
  assert.equal(readMail("Subject: alone"), { subject: "alone", body: "" });
});

test("transfer encodings are undone", () => {
  const quoted = lines("Content-Transfer-Encoding: quoted-printable", "", "caf=E9 and soft=", "er");
  assert.is(readMail(quoted).body, "café and softer");
  const base64 = lines("Content-Transfer-Encoding: BASE64", "", btoa("make money"), "");
  assert.is(readMail(base64).body, "make money");
});

test("of the parts plain text wins, nested or not, and attachments are no text", () => {
  const raw = lines(
    'Content-Type: multipart/mixed; boundary="A"',
    "",
    "for old programs",
    "--A",
    "Content-Type: application/zip",
    "",
    "UEsDBA",
    "--A",
    'Content-Type: multipart/alternative; boundary="B"',
    "",
    "--B",
    "Content-Type: text/html",
    "",
    "<b>rich</b>",
    "--B",
    "Content-Type: text/plain",
    "",
    "plain",
    "--B--",
    "--A--",
  );
  assert.is(readMail(raw).body, "plain");
});

test("HTML is what a reader sees of it, also where it is not declared", () => {
  const html =
    "<html><style>b{}</style><!-- x --><p>Buy&nbsp;now &amp; <a href='y'>save</a></html>";
  assert.equal(words(readMail(lines("Subject: s", "", html)).body), ["buy", "now", "save"]);
  assert.is(readMail(lines("Subject: s", "", "if a <b and c> d")).body, "if a <b and c> d");
});

test("words: digits by number, addresses as one word, other scripts as one", () => {
  assert.equal(words("Don't pay $99.50!!! 123456 at http://a.b/c?d or me@x.org 安宁"), [
    "don't",
    "pay",
    "$",
    ..."00 00 ! 0000 at weblink or mailbox foreign".split(" "),
  ]);
  const long = "x".repeat(200_000);
  const started = performance.now();
  assert.equal(words(long), [long]);
  assert.ok(performance.now() - started < 1000, "long runs of letters take linear time");
});

test("near-duplicates: the first of each cluster stays", () => {
  const base = Array.from({ length: 60 }, (_, i) => `word${i}`);
  const other = Array.from({ length: 60 }, (_, i) => `thing${i}`);
  const almost = base.map((word, i) => (i === 30 ? "changed" : word));
  assert.equal(withoutNearDuplicates([base, other, almost, base, other.toReversed()]), [0, 1, 4]);
  assert.equal(withoutNearDuplicates([["hi"], ["hi"], ["ho"], []]), [0, 2, 3]);
});

const corpus = loadCorpus();
const vocabulary = new Vocabulary(corpus.train);

test("splits are disjoint, without near-duplicates, and the same in any company", () => {
  const { train, validation, test } = corpus;
  assert.equal([train.length, validation.length, test.length], [2123, 730, 1290]);
  const all = [...train, ...validation, ...test];
  assert.is(new Set(all.map(({ path }) => path)).size, all.length);
  const seen = all.map(({ subject, body }) => [...subject, ...body].slice(0, 64));
  assert.is(new Set(seen.map((text) => text.join(" "))).size, all.length);
  // Survivors alone, last to first: each lands where it did among all.
  const again = splitCorpus(all.toReversed());
  for (const split of ["train", "validation", "test"] as const) {
    const paths = new Set(again[split].map(({ path }) => path));
    assert.ok(
      corpus[split].every(({ path }) => paths.has(path)),
      split,
    );
  }
  for (const mails of [train, validation, test]) {
    const share = mails.filter(({ isSpam }) => isSpam).length / mails.length;
    assert.ok(share > 0.2 && share < 0.3, `share of spam ${share}`);
  }
});

test("tokens: subject and body within the length, all ids in the vocabulary", () => {
  for (const mail of corpus.test.slice(0, 200)) {
    const tokens = vocabulary.encodeMail(mail, 32);
    assert.ok(tokens.length <= 32);
    assert.is(tokens[0], START);
    assert.ok(tokens.indexOf(BREAK) > 0 && tokens.indexOf(BREAK) <= 17);
    assert.ok(tokens.every((id) => id >= 0 && id < VOCABULARY));
  }
  const [the, rare] = vocabulary.encode(["the", "xqzzyv"]);
  assert.ok(the >= FIRST_WORD && rare < FIRST_WORD && rare > BREAK);
  assert.is(new Vocabulary(corpus.train).fingerprint, vocabulary.fingerprint);
  assert.is.not(new Vocabulary(corpus.test).fingerprint, vocabulary.fingerprint);
});

test("labelled mails: a seed draws the same ones, each once, and every epoch has all of them", () => {
  const draw = (seed: number) => drawLabelled(corpus.train, new Random(seed));
  const [mails, again, others] = [draw(1), draw(1), draw(2)];
  assert.is(new Set(mails).size, LABELLED);
  assert.ok(mails.every((mail, i) => mail === again[i]));
  assert.ok(others.filter((mail) => mails.includes(mail)).length < LABELLED / 4);
  const batches = shuffledBatches(mails, 16, new Random(3));
  const epoch = Array.from({ length: LABELLED / 16 }, () => batches.next().value).flat();
  assert.is(new Set(epoch).size, LABELLED);
  assert.is.not(epoch[0], batches.next().value[0]);
});

test("pairs: two pieces of one body that do not overlap", () => {
  const body = Array.from({ length: 100 }, (_, i) => `w${i}`);
  const mail = { path: "", isSpam: false, subject: ["s"], body };
  const names = new Vocabulary([mail]);
  const order = new Map(names.encode(body).map((id, place) => [id, place]));
  const random = new Random(5);
  for (let i = 0; i < 100; i++) {
    const [first, second] = pairOf(mail, names, 32, random).map((tokens) => {
      assert.ok(tokens.length <= 32);
      return tokens.flatMap((id) => order.get(id) ?? []);
    });
    assert.ok(Math.max(...first) < Math.min(...second));
    assert.ok(first.length >= 8 && second.length >= 8);
  }
  assert.not(canBeCut({ ...mail, body: body.slice(0, 15) }));
});

test.run();
