import { mismatch, RankError } from "../../errors.ts";
import { type Announcement, decode, encode, newMember, PROTOCOL } from "./announcement.ts";
import type { JoinOptions } from "./options.ts";
import { joinSubject } from "./subjects.ts";
import type { Wire } from "./wire.ts";

/** Milliseconds between announcements: who comes later has not heard the earlier ones. */
const INTERVAL = 200;
/** Milliseconds without an announcement after which another one may take a rank's place. */
const STALE = 2000;

/** Who takes part in a run. */
export interface Members {
  /** Name of the run: nobody knew it before. */
  readonly run: string;
  /** Most bytes of one message that every rank's server takes. */
  readonly largest: number;
}

interface Heard extends Announcement {
  readonly at: number;
}

/**
 * One rank's place in a group. Each announces itself until it knows that all know the same members;
 * from then on it answers only: to who has missed that, and to who wants the same rank.
 */
export class Membership<Listening> {
  readonly #wire: Wire;
  readonly #options: JoinOptions;
  readonly #listen: (members: Members) => Listening;
  readonly #me: { readonly member: string; readonly since: number; readonly largest: number };
  /** By rank, this one left out. */
  readonly #heard = new Map<number, Heard>();
  /** Fixed once all are known. */
  #members: readonly string[] | null = null;
  #running = false;
  #listening: Listening | undefined;
  #settle!: (error?: RankError) => void;

  /** @param listen called when all are known, before this rank tells that it knows them */
  constructor(
    wire: Wire,
    options: JoinOptions,
    largest: number,
    listen: (members: Members) => Listening,
  ) {
    this.#wire = wire;
    this.#options = options;
    this.#listen = listen;
    this.#me = { member: newMember(), since: Date.now(), largest };
  }

  /** Resolves once every rank knows all others and listens; rejects with a RankError. */
  async join(): Promise<Listening> {
    const { group, joinTimeout } = this.#options;
    let ticker: ReturnType<typeof setInterval> | undefined;
    let deadline: ReturnType<typeof setTimeout> | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        this.#settle = (error) => (error ? reject(error) : resolve());
        this.#wire.lost.then((why) => reject(new RankError("RANK_LOST", null, why)));
        this.#wire.subscribe(joinSubject(group), (data) => this.#hear(data));
        ticker = setInterval(() => this.#announce(), INTERVAL);
        deadline = setTimeout(() => reject(this.#tooLate()), joinTimeout);
        this.#announce();
        this.#advance();
      });
      return this.#listening as Listening;
    } finally {
      clearInterval(ticker);
      clearTimeout(deadline);
    }
  }

  #announce(): void {
    const { rank, size, group } = this.#options;
    const announcement = {
      rank,
      size,
      ...this.#me,
      members: this.#members,
      running: this.#running,
    };
    this.#wire.publish(joinSubject(group), encode(announcement));
  }

  #hear(data: Uint8Array): void {
    const said = decode(data);
    if (said === undefined) return;
    if (this.#running) {
      if (typeof said === "number" || !said.running) this.#announce();
    } else if (typeof said === "number") {
      this.#differ(null, "protocol", "another rank", PROTOCOL, said);
    } else if (said.member !== this.#me.member) this.#consider(said);
  }

  #consider(said: Announcement): void {
    const { rank, size } = this.#options;
    if (said.rank === rank) {
      this.#compete(said);
      return;
    }
    // Of a run that this one has no part in: those of an earlier one may not have noticed its end.
    if (said.running && !said.members?.includes(this.#me.member)) return;
    if (said.size !== size) {
      this.#differ(said.rank, "size", `rank ${said.rank}`, size, said.size);
      return;
    }
    if (!this.#isTaken(said)) this.#heard.set(said.rank, { ...said, at: performance.now() });
    this.#advance();
  }

  /** Another one wants this rank: the later comer goes, and all see it the same way. */
  #compete({ member, since, running }: Announcement): void {
    const { rank } = this.#options;
    const mine = this.#me;
    if (running || since < mine.since || (since === mine.since && member < mine.member)) {
      this.#differ(rank, "rank", "joinNats", "one that nobody else has", rank);
    } else this.#announce();
  }

  #isTaken({ rank, member }: Announcement): boolean {
    if (this.#members !== null) return this.#members[rank] !== member;
    const known = this.#heard.get(rank);
    return known !== undefined && known.member !== member && performance.now() - known.at < STALE;
  }

  #advance(): void {
    const { size } = this.#options;
    if (this.#heard.size < size - 1) return;
    const others = [...this.#heard.values()];
    if (this.#members === null) {
      const members = new Array<string>(size).fill(this.#me.member);
      for (const other of others) members[other.rank] = other.member;
      const largest = others.reduce((least, o) => Math.min(least, o.largest), this.#me.largest);
      this.#listening = this.#listen({ run: members[0], largest });
      this.#members = members;
      this.#announce();
    }
    const names = this.#members.join();
    if (!others.every(({ members }) => members?.join() === names)) return;
    this.#running = true;
    this.#announce();
    this.#settle();
  }

  #differ(
    rank: number | null,
    what: string,
    where: string,
    expected: number | string,
    got: number,
  ): void {
    // Those that came later have not heard of this one yet.
    this.#announce();
    const of = `${where} in group "${this.#options.group}"`;
    this.#settle(new RankError("RANKS_DIFFER", rank, mismatch(what, of, `${expected}`, `${got}`)));
  }

  #tooLate(): RankError {
    const { group, rank, size, joinTimeout } = this.#options;
    const others = Array.from({ length: size }, (_, other) => other).filter((o) => o !== rank);
    const absent = others.filter((other) => !this.#heard.has(other));
    const names = this.#members?.join();
    const behind = others.filter((o) => this.#heard.get(o)?.members?.join() !== names);
    const late = absent.length > 0 ? absent : behind;
    const what = absent.length > 0 ? "not there" : "there, but not aware of all others";
    const ranks = `${late.length === 1 ? "rank" : "ranks"} ${late.join(", ")}`;
    return new RankError(
      "RANK_LOST",
      late[0],
      `group "${group}": ${ranks} ${what} after ${joinTimeout} ms`,
    );
  }
}
