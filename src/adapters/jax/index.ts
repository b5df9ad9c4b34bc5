/**
 * AdamW for jax-js, in the form of its optax: docs/jax.md. The public subpath `ashlar/jax`.
 *
 * @module
 */
import { AdamW } from "../../optimizers/adamw.ts";
import { AdamWDL } from "../../optimizers/adamw-dl.ts";
import type { AdamWDLOptions } from "../../optimizers/adamw-dl-options.ts";
import { DecoupledAdamW } from "../../optimizers/decoupled-adamw.ts";
import type {
  DecoupledAdamWGroup,
  DecoupledAdamWOptions,
} from "../../optimizers/decoupled-adamw-options.ts";
import { MindFormersAdamW } from "../../optimizers/mindformers-adamw.ts";
import type { MindFormersGroup } from "../../optimizers/mindformers-adamw-groups.ts";
import type { MindFormersAdamWOptions } from "../../optimizers/mindformers-adamw-options.ts";
import type { AdamWGroup, AdamWOptions } from "../../optimizers/options.ts";
import type { MatchedGroup } from "../groups.ts";
import type { JaxNumpy } from "./arrays.ts";
import { type Transformation, transformation } from "./transformation.ts";

export type { Match, MatchedGroup } from "../groups.ts";
export type { JaxArray, JaxDevice, JaxNumpy } from "./arrays.ts";
export type { State } from "./state.ts";
export type { Transformation } from "./transformation.ts";

/** A class's own groups, whose parameters are chosen by path. */
export type JaxGroups<Group> = {
  /** Param groups; the first that matches a path takes it. Default: none. */
  readonly groups?: readonly (MatchedGroup & Omit<Group, "name" | "params">)[];
};

/** AdamW's options, and groups chosen by path. */
export type JaxAdamWOptions = AdamWOptions & JaxGroups<AdamWGroup>;
/** AdamWDL's options; it knows no groups. */
export type JaxAdamWDLOptions = Omit<AdamWDLOptions, "parameters">;
/** MindFormersAdamW's options, and groups chosen by path. */
export type JaxMindFormersAdamWOptions = MindFormersAdamWOptions & JaxGroups<MindFormersGroup>;
/** DecoupledAdamW's options, and groups chosen by path. */
export type JaxDecoupledAdamWOptions = DecoupledAdamWOptions & JaxGroups<DecoupledAdamWGroup>;

/**
 * AdamW over a tree of arrays.
 *
 * @param numpy the namespace of that name in @jax-js/jax
 * @throws TypeError for a wrong kind; options are checked by `init`
 */
export function adamW(numpy: JaxNumpy, options: JaxAdamWOptions = {}): Transformation<AdamW> {
  return transformation(numpy, options, {
    name: "adamW",
    make: ({ parameters, options }) => new AdamW(parameters, options),
    create: ({ parameters, options }) => AdamW.create(parameters, options),
    load: (source, { parameters, options }, more) =>
      AdamW.load(source, { ...options, ...more, parameters }),
  });
}

/** PaddleNLP's AdamWDL over a tree of arrays. See `adamW`. */
export function adamWDL(numpy: JaxNumpy, options: JaxAdamWDLOptions = {}): Transformation<AdamWDL> {
  return transformation(numpy, options, {
    name: "adamWDL",
    make: ({ parameters, options }) => new AdamWDL({ ...options, parameters }),
    create: ({ parameters, options }) => AdamWDL.create({ ...options, parameters }),
    load: (source, { parameters, options }, more) =>
      AdamWDL.load(source, { ...options, ...more, parameters }),
  });
}

/** MindFormers' AdamW over a tree of arrays; every step needs all gradients. See `adamW`. */
export function mindFormersAdamW(
  numpy: JaxNumpy,
  options: JaxMindFormersAdamWOptions = {},
): Transformation<MindFormersAdamW> {
  return transformation(numpy, options, {
    name: "mindFormersAdamW",
    make: ({ parameters, options }) => new MindFormersAdamW(parameters, options),
    create: ({ parameters, options }) => MindFormersAdamW.create(parameters, options),
    load: (source, { parameters, options }, more) =>
      MindFormersAdamW.load(source, { ...options, ...more, parameters }),
  });
}

/** Composer's DecoupledAdamW over a tree of arrays. See `adamW`. */
export function decoupledAdamW(
  numpy: JaxNumpy,
  options: JaxDecoupledAdamWOptions = {},
): Transformation<DecoupledAdamW> {
  return transformation(numpy, options, {
    name: "decoupledAdamW",
    make: ({ parameters, options }) => new DecoupledAdamW(parameters, options),
    create: ({ parameters, options }) => DecoupledAdamW.create(parameters, options),
    load: (source, { parameters, options }, more) =>
      DecoupledAdamW.load(source, { ...options, ...more, parameters }),
  });
}
