import { MEMBERS } from "../absent/members.ts";
import {
  ABSENCES,
  ARRANGEMENTS,
  leaveOut,
  SHARED,
  type SubsetCase,
  withoutOthers,
} from "../absent/subsets.ts";
import { allowAll } from "../non-finite/allow.ts";
import { ALLOW_CASES, SHARED_CASES, SPOIL_CASES, titleOf } from "../non-finite/cases.ts";
import { spoilAll } from "../non-finite/spoil.ts";
import { promised } from "./promised.ts";

// Gradients that are bad, empty or absent: node dist/tests/full/gradients.js
//
// Each bad pattern at each of 200 places and more in every way that gradients can come; and of six
// parameters, every subset without gradients for every member of the family, clipped or not.

const show = (count: number) => count.toLocaleString("en");

async function spoilEverywhere(): Promise<void> {
  const cases = [...SPOIL_CASES, ...SHARED_CASES];
  let total = 0;
  for (const one of cases) {
    const tried = await spoilAll(one, true);
    total += tried;
    console.log(`${show(tried)} bad gradients: ${titleOf(one)}`);
  }
  let allowed = 0;
  for (const one of ALLOW_CASES) allowed += await allowAll(one);
  promised(
    "P6",
    `${show(total)} bad gradients: NaN of all kinds, infinities and overflows at 200 places and more ` +
      `in each of ${cases.length} ways, policies, dtypes and layouts; ${show(allowed)} more allowed`,
    "0 bytes and counts changed, each element named; the next step was as if nothing had been. " +
      "Where allowed, no other element changed",
  );
}

function subsetCases(): SubsetCase[] {
  return MEMBERS.flatMap((member) => {
    const small = Object.values(ARRANGEMENTS).flatMap((arrangement) =>
      ABSENCES.flatMap((absence) =>
        [null, 0.5].map((max) => ({ member, arrangement, absence, max, threads: 1 })),
      ),
    );
    const shared = { member, arrangement: SHARED, absence: ABSENCES[0], max: 0.5, threads: 2 };
    return [...small, shared];
  });
}

async function leaveOutEverything(): Promise<void> {
  const cases = subsetCases();
  let total = 0;
  let done = 0;
  for (const one of cases) {
    total += await leaveOut(one);
    if (++done % 50 === 0) console.log(`${done} of ${cases.length} set-ups of six parameters`);
  }
  let alone = 0;
  const apart = cases.filter(({ member, absence }) => {
    return member.counts === "each" && absence === "left out";
  });
  for (const one of apart) if (one.threads === 1) alone += await withoutOthers(one);
  promised(
    "P7",
    `${show(total)} steps that leave out a subset of six gradients, empty ones and scalars among ` +
      `them, in ${cases.length} set-ups of every member; ${show(alone)} subsets beside a run of those alone`,
    "the others had the bits of plain loops, the absent ones theirs; MindFormersAdamW refused each",
  );
}

try {
  await spoilEverywhere();
  await leaveOutEverything();
} catch (error) {
  console.error(error);
  process.exitCode = 1;
}
