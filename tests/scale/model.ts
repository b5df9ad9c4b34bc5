import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { CountedCall } from "../harness/counting-collective.ts";

// The modules of scripts/scale/, with their types.

export interface Plan {
  readonly ranks: number;
  readonly elements: number;
  readonly slices: readonly (readonly number[])[];
  readonly weightBytes: 2 | 4;
  readonly headers: readonly number[];
  readonly tables: readonly (readonly number[])[];
  readonly barriers: number;
}

export interface Operation extends CountedCall {
  readonly phase: "header" | "gradients" | "tables" | "commit" | "weights";
}

export interface Bytes {
  readonly sent: number;
  readonly published: number;
  readonly received: number;
}

export interface Framing {
  readonly header: number;
  readonly largest: number;
}

export interface Messages {
  readonly toOne: number;
  readonly toAll: number;
  readonly bytesToOne: number;
  readonly bytesToAll: number;
}

export type Engine = "mesh" | "hub" | "ring";

export interface Link {
  readonly up: number;
  readonly down: number;
  readonly latency: number;
}

export interface Costs {
  readonly update: number;
  readonly add: number;
  readonly message: number;
  readonly passing: number;
}

export interface Run {
  readonly plan: Plan;
  readonly engine: Engine;
  readonly links: readonly Link[];
  readonly server?: { readonly up: number; readonly down: number } | null;
  readonly costs: Costs;
  readonly framing: Framing;
  readonly ready?: readonly number[];
  readonly lost?: { readonly rank: number; readonly at: number; readonly timeout: number };
}

export interface Outcome {
  readonly state: "applied" | "updating" | "unchanged" | "vanished";
  readonly changed: number | null;
  readonly end: number;
  readonly computing: number;
  readonly waiting: number;
  readonly messages: number;
  readonly sent: number;
  readonly received: number;
}

const load = (path: string) => import(pathToFileURL(resolve("scripts/scale", path)).href);

export const { evenPlan, operationsOf } = (await load("plan.mjs")) as {
  evenPlan(options: {
    ranks: number;
    elements: number;
    sliceElements: number;
    weightBytes?: 2 | 4;
  }): Plan;
  operationsOf(plan: Plan): Operation[];
};

export const { bytesOfStep, messagesOfStep, HEADER } = (await load("bytes.mjs")) as {
  bytesOfStep(plan: Plan): Bytes[];
  messagesOfStep(plan: Plan, framing: Framing): Messages[];
  HEADER: number;
};

export const { simulateStep, digestOf } = (await load("simulator/step.mjs")) as {
  simulateStep(run: Run): Outcome[];
  digestOf(outcomes: unknown): string;
};

export const { stepTime } = (await load("closed-form.mjs")) as {
  stepTime(setting: {
    elements: number;
    ranks: number;
    sliceElements: number;
    weightBytes: 2 | 4;
    link: Link;
    engine: Engine;
    server: { up: number; down: number };
    costs: Costs;
  }): { small: number; gradients: number; weights: number; total: number };
};
