// Under which subjects the ranks of a group publish. A run has a name that nobody knew before, so that
// nothing of an earlier run of the same group gets in.

/** What all subjects of a group begin with. */
export const ofGroup = (group: string) => `ashlar.${group}.`;

/** Where ranks find one another. */
export const joinSubject = (group: string) => `${ofGroup(group)}join`;

/** Where the ranks of one run publish: the sender's number comes first, for permissions by rank. */
export class RunSubjects {
  readonly #prefix: string;

  constructor(group: string, run: string) {
    this.#prefix = `${ofGroup(group)}${run}`;
  }

  /** What `from` sends to one other. */
  to = (from: number, to: number) => `${this.#prefix}.${from}.to.${to}`;

  /** What `from` sends to all others. */
  all = (from: number) => `${this.#prefix}.${from}.all`;

  /** Where the server tells `from` that nobody receives what it sends to `to`. */
  gone = (from: number, to: number) => `${this.#prefix}.${from}.gone.${to}`;
}
