import os from "node:os";
import type { Case, Measured, NotRun, Place, Unit } from "../report/result.ts";
import { collectGarbage } from "./collect-garbage.ts";
import { type Contender, type Entry, firstLine, NotRun as NotRunHere } from "./contender.ts";
import type { Context } from "./context.ts";
import { interleave, type Pace } from "./interleave.ts";

export interface CasePlan {
  readonly name: string;
  readonly title: string;
  readonly parameters: number;
  readonly unit: Unit;
  /** In the order in which they get memory. The first is what the others are compared with. */
  readonly entries: readonly Entry[];
  readonly pace?: Partial<Pace>;
}

/** 16 MiB of parameters, gradients and moments fit into the caches of a common processor. */
const MOST_IN_CACHE = 1 << 20;
/** Of the memory that is free, no more than this is asked for. */
const MEMORY_SHARE = 0.9;

export const placeOf = (parameters: number): Place =>
  parameters <= MOST_IN_CACHE ? "cache" : "DRAM";

/** A whole run stays under 12 minutes, also where others slow it down. */
const LIMIT_MS = 30_000;

/** Fewer rounds where a round takes seconds. */
function paceOf({ quick }: Context, parameters: number): Pace {
  const warm = placeOf(parameters) === "cache";
  const limitMs = LIMIT_MS;
  if (quick) return { rounds: warm ? 5 : 3, batchMs: 5, warm, limitMs };
  return { rounds: warm ? 21 : parameters > 1 << 25 ? 9 : 11, batchMs: 20, warm, limitMs };
}

/** Opens, checks and times the contenders of one case, and closes them. */
export async function runCase(context: Context, plan: CasePlan): Promise<Case> {
  const { name, title, parameters, unit, entries } = plan;
  const pace = { ...paceOf(context, parameters), ...plan.pace };
  context.log(`  ${title}`);
  const contenders: Contender[] = [];
  const notRun: NotRun[] = [];
  let measured: Measured[] = [];
  try {
    let room = os.freemem() * MEMORY_SHARE;
    for (const entry of entries) {
      try {
        if (entry.bytes > room) throw new NotRunHere(lackOf(entry.bytes, room));
        contenders.push(await entry.open());
        room -= entry.bytes;
      } catch (error) {
        if (entry.mustRun && !(error instanceof NotRunHere)) throw error;
        notRun.push({ name: entry.name, why: firstLine(error as Error) });
      }
    }
    const timed = await interleave(contenders, pace);
    measured = timed.measured;
    notRun.push(...timed.notRun);
  } finally {
    for (const contender of contenders) contender.close();
    contenders.length = 0;
    collectGarbage();
  }
  return { name, title, place: placeOf(parameters), parameters, unit, measured, notRun };
}

function lackOf(needed: number, room: number): string {
  const gib = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;
  return `needs ${gib(needed)} of memory, ${gib(room)} to be had`;
}
