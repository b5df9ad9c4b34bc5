import { show, wrongKind } from "../errors.ts";
import type { Clip } from "../gradients/clip.ts";
import type { LayerDecay } from "../parameters/layer-decay.ts";
import type { DecayFilter, LrScaleFunction, ParameterInfo } from "../parameters/parameter.ts";
import { finiteAtLeast } from "../validate.ts";
import type { GroupMembers } from "./blueprint.ts";
import type { ParamGroup } from "./param-group.ts";

/** A parameter as the optimizer keeps it: what the rules said of it, and its own step count. */
export interface Entry extends ParameterInfo {
  /** Index in the plan. */
  readonly index: number;
  readonly paramGroup: ParamGroup;
  /** Layer id (embeddings 0, block i i+1, head last); null where no layer rule matched. */
  readonly layer: number | null;
  readonly lrScale: number;
  readonly decays: boolean;
  /** What clips its gradient; null for nothing. */
  readonly clip: Clip | null;
  /** Parameters of one scope share a clip by global norm: the optimizer's, or a group's own. */
  readonly clipScope: object;
  /** Updates applied so far. */
  t: number;
}

export interface Rules {
  readonly clip: Clip | null;
  /** Which parameters the optimizer's clip counts and clips; all by default. */
  readonly clips: ((parameter: ParameterInfo) => boolean) | null;
  readonly decays: DecayFilter | null;
  readonly lrScale: LayerDecay | LrScaleFunction | null;
}

export interface BoundParameters {
  readonly entries: readonly Entry[];
  /** Names that the layer rule does not know; they keep the full rate. */
  readonly unmatched: readonly string[];
}

/**
 * Asks the rules about every parameter, once.
 *
 * @throws TypeError, RangeError for what a rule gave, naming the parameter
 */
export function bindParameters(members: readonly GroupMembers[], rules: Rules): BoundParameters {
  const infos = members.flatMap(({ group, parameters }) =>
    parameters.map(({ name, shape, length }) => ({
      info: Object.freeze({ name, shape, length, group: group.name }),
      group,
    })),
  );
  const layers = resolveLayers(
    rules.lrScale,
    infos.map(({ info }) => info),
  );
  const entries = infos.map(
    ({ info, group }, index): Entry => ({
      ...info,
      index,
      paramGroup: group,
      layer: layers?.layerOf(info.name) ?? null,
      lrScale: group.lrScale * (layers?.scaleOf(info.name) ?? askScale(rules.lrScale, info)),
      decays: askFilter(rules.decays, "decays", info),
      clip: group.clip ?? (askFilter(rules.clips, "clips", info) ? rules.clip : null),
      clipScope: group.clip ? group : rules,
      t: 0,
    }),
  );
  return { entries, unmatched: layers?.unmatched ?? [] };
}

function resolveLayers(rule: Rules["lrScale"], infos: readonly ParameterInfo[]) {
  return rule === null || typeof rule === "function" ? null : rule.resolve(infos);
}

function askScale(rule: Rules["lrScale"], info: ParameterInfo): number {
  if (typeof rule !== "function") return 1;
  return finiteAtLeast(rule(info), 0, "lrScale", `parameter ${show(info.name)}`);
}

function askFilter(filter: DecayFilter | null, what: string, info: ParameterInfo): boolean {
  if (filter === null) return true;
  const answer: unknown = filter(info);
  if (typeof answer !== "boolean") {
    throw wrongKind(what, `parameter ${show(info.name)}`, "true or false", answer);
  }
  return answer;
}
