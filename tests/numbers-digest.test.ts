import { suite } from "uvu";
import * as assert from "uvu/assert";
import { NUMBERS_CASES, numbersDigest } from "./reference/numbers-points.ts";

// The same bits in every engine: SHA-256 over the results at 200,000 seeded points each. A changed
// digest is a changed bit contract. tests/engines/ takes the same points further.

const test = suite("numbers, digests");

const POINTS = 200_000;

const DIGESTS: Readonly<Record<string, string>> = {
  exp: "0aa25f0b2767589df0d7b901d7a48dfdd0e221b12e3dca50ab96ec1046f4a239",
  "exp of small arguments": "1ec564b701337092c02a888f545279cd8e5b7e67e4178a5f58563c9dd9df9130",
  log: "8cdab8364b7de59acb51ff8ff19abf56e2c18f05cd56a3f196e5748767f32dc5",
  "log next to 1": "f5163d632c4577d987285e73bfba52b3bb4e1aa802106161f05e07bb19ce8701",
  cosPi: "236ac111c53514430a7d9960ac9bbe2bbcc838df6d7dc2204258c5486c85580a",
  pow: "23267c71c9242346eda3e0f9cee24fa1f4c120ff878599bdc6c06780796ef986",
  "pow next to 1": "49caf948eab208fa2a5c030462e53037f493cc3589e92cd6e0b8377418e45cad",
  ipow: "5ef31df827962f848536abf9041795e525a4cfcf54e01c7e09589ada9966b712",
};

for (const one of NUMBERS_CASES) {
  test(`the bits of ${one.name} are the published ones`, () => {
    assert.is(numbersDigest(one, POINTS), DIGESTS[one.name], `of ${one.name}`);
  });
}

test("there is a digest for each case and no other", () => {
  assert.equal(
    NUMBERS_CASES.map(({ name }) => name),
    Object.keys(DIGESTS),
  );
});

test.run();
