import { printable, showShape } from "../errors.ts";
import type { Clip } from "../gradients/clip.ts";
import { describeScheduled, type ScheduleData, showScheduled } from "../schedules/schedule.ts";
import type { Entry } from "./entry.ts";
import type { ParamGroup } from "./param-group.ts";

/** One parameter of a description. */
export interface DescribedParameter {
  /** The parameter's name. */
  readonly name: string;
  /** Its shape, [] for a scalar. */
  readonly shape: readonly number[];
  /** Name of its param group. */
  readonly group: string;
  /** Layer id; null where no layer rule matched. */
  readonly layer: number | null;
  /** What multiplies its learning rate: the group's factor and the layer rule's. */
  readonly lrScale: number;
  /** Whether weight decay applies to it. */
  readonly decays: boolean;
}

/** One param group of a description. */
export interface DescribedGroup {
  /** The group's name. */
  readonly name: string;
  /** The learning rate; "function" for one of the caller's. */
  readonly lr: number | ScheduleData | "function";
  /** The weight decay, as lr. */
  readonly weightDecay: number | ScheduleData | "function";
  /** Decay rates of the two moments. */
  readonly betas: readonly [number, number];
  /** Added to the root of the second moment. */
  readonly eps: number;
  /** Whether the largest second moment so far divides. */
  readonly amsgrad: boolean;
  /** Multiplies the lr scale of its parameters. */
  readonly lrScale: number;
  /** Its own clip, in place of the optimizer's; null for none. */
  readonly clip: Clip | null;
  /** Whether each row of its gradients loses its mean. */
  readonly centralize: boolean;
}

export function describeParameter(entry: Entry): DescribedParameter {
  const { name, shape, group, layer, lrScale, decays } = entry;
  return { name, shape, group, layer, lrScale, decays };
}

export function describeGroup(paramGroup: ParamGroup): DescribedGroup {
  const { name, betas, eps, amsgrad, lrScale, clip, centralize } = paramGroup;
  const lr = describeScheduled(paramGroup.lr);
  const weightDecay = describeScheduled(paramGroup.weightDecay);
  return { name, lr, weightDecay, betas, eps, amsgrad, lrScale, clip, centralize };
}

const yesOrNo = (flag: boolean) => (flag ? "yes" : "no");

/** A column of the table of groups. */
interface GroupColumn {
  readonly heading: string;
  readonly cell: (group: ParamGroup) => string;
  /** Of what few groups have: the column is there where one of them has it. */
  readonly has?: (group: ParamGroup) => boolean;
}

const GROUP_COLUMNS: readonly GroupColumn[] = [
  { heading: "group", cell: ({ name }) => name },
  { heading: "lr", cell: ({ lr }) => showScheduled(lr) },
  { heading: "weight decay", cell: ({ weightDecay }) => showScheduled(weightDecay) },
  { heading: "betas", cell: ({ betas }) => betas.join(", ") },
  { heading: "eps", cell: ({ eps }) => String(eps) },
  { heading: "amsgrad", cell: ({ amsgrad }) => yesOrNo(amsgrad) },
  { heading: "own clip", cell: ({ clip }) => showClip(clip), has: ({ clip }) => clip !== null },
  {
    heading: "centralize",
    cell: ({ centralize }) => yesOrNo(centralize),
    has: ({ centralize }) => centralize,
  },
];

/** A few words for the table: `globalNorm 1`, `value -1 to 1`. */
function showClip(clip: Clip | null): string {
  switch (clip?.kind) {
    case undefined:
      return "-";
    case "globalNorm":
      return `globalNorm ${clip.max}${clip.formula === null ? "" : ` (${clip.formula})`}`;
    case "norm":
      return `norm ${clip.max}`;
    case "value":
      return `value ${clip.min} to ${clip.max}`;
    case "adaptive":
      return `adaptive ${clip.factor} (${clip.convention}, floor ${clip.floor})`;
  }
}

/** Who gets what: data in its properties, a table for people by `toString()`. */
export class Description {
  /** Name of the optimizer's class. */
  readonly className: string;
  /** The param groups, in their order. */
  readonly groups: readonly DescribedGroup[];
  /** The parameters, in their order. */
  readonly parameters: readonly DescribedParameter[];
  /** Names that the layer rule does not know; they keep the full learning rate. */
  readonly unmatched: readonly string[];
  readonly #groupTable: readonly string[];

  constructor(
    className: string,
    groups: readonly ParamGroup[],
    entries: readonly Entry[],
    unmatched: readonly string[],
  ) {
    this.className = className;
    this.unmatched = unmatched;
    this.parameters = entries.map(describeParameter);
    this.groups = groups.map(describeGroup);
    const columns = GROUP_COLUMNS.filter(({ has }) => !has || groups.some(has));
    this.#groupTable = table(
      columns.map(({ heading }) => heading),
      groups.map((group) => columns.map(({ cell }) => cell(group))),
    );
  }

  /** A table of the groups and one of the parameters, for people. */
  toString(): string {
    const elements = this.parameters.reduce(
      (total, { shape }) => total + shape.reduce((product, size) => product * size, 1),
      0,
    );
    const lines = [
      `${this.className}: ${this.parameters.length} parameters, ${elements} elements`,
      "",
      ...this.#groupTable,
      "",
      ...table(
        ["parameter", "shape", "group", "layer", "lr scale", "decays"],
        this.parameters.map(({ name, shape, group, layer, lrScale, decays }) => [
          name,
          showShape(shape),
          group,
          layer === null ? "-" : String(layer),
          String(Number(lrScale.toPrecision(6))),
          yesOrNo(decays),
        ]),
      ),
    ];
    if (this.unmatched.length > 0) {
      lines.push("", `The layer rule does not know (lr scale 1): ${this.unmatched.join(", ")}`);
    }
    return lines.map(printable).join("\n");
  }
}

/** Left-aligned columns under their headings. */
function table(headings: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = headings.map((heading, column) =>
    rows.reduce((width, row) => Math.max(width, row[column].length), heading.length),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column]))
      .join("  ")
      .trimEnd();
  return [line(headings), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)];
}
