import type {
  EndRecord,
  HeaderRecord,
  LedgerParameter,
  ParametersRecord,
  StepRecord,
} from "../../ledger/format.ts";
import type { Ending, LedgerFile, RunRecord } from "../ledger-file.ts";

/** A step, the end of a run that was closed, or null where the ledger breaks off. */
export type Next = StepRecord | EndRecord | null;

/** One ledger, standing before one of its steps. */
export class LedgerSide {
  readonly #file: LedgerFile;
  #configuration: HeaderRecord | ParametersRecord;
  #class: string;
  #stride: number;
  #next: Next | undefined;

  constructor(file: LedgerFile) {
    this.#file = file;
    this.#configuration = file.header;
    this.#class = file.header.class;
    this.#stride = file.header.stride;
  }

  get header(): HeaderRecord {
    return this.#file.header;
  }

  get ending(): Ending {
    return this.#file.ending;
  }

  /** How the run is configured for the next step. */
  get configuration(): HeaderRecord | ParametersRecord {
    return this.#configuration;
  }

  /** The class that runs the next step. */
  get class(): string {
    return this.#class;
  }

  /** Of how many blocks the next step checks one. */
  get stride(): number {
    return this.#stride;
  }

  get parameters(): readonly LedgerParameter[] {
    return this.#configuration.parameters;
  }

  /** What comes next; the same until it is passed. @throws ToolError for a damaged ledger */
  async next(): Promise<Next> {
    while (this.#next === undefined) this.#take(await this.#file.next());
    return this.#next;
  }

  #take(record: RunRecord | null): void {
    if (record?.kind === "header") {
      this.#class = record.class;
      this.#stride = record.stride;
    }
    if (record?.kind === "header" || record?.kind === "parameters") this.#configuration = record;
    else this.#next = record;
  }

  pass(): void {
    this.#next = undefined;
  }
}
