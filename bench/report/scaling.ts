import * as names from "./names.ts";
import type { SuiteResult } from "./result.ts";
import { measuredOf, medianOf } from "./statistics.ts";
import { decades, escapeXml, type LogScale, positionOn, px, svg } from "./svg.ts";
import { significant } from "./table.ts";

// bench/results/scaling.svg: time per parameter against the number of parameters.

const WIDTH = 860;
const HEIGHT = 420;
const PLOT = { left: 56, right: 640, top: 44, bottom: 372 };
/** Least distance of two labels, and what the longest needs. */
const LABEL_HEIGHT = 17;
const LABEL_WIDTH = 170;

/** From slow to fast, each with its colour on white and on black. */
const LINES: readonly (readonly [name: string, light: string, dark: string])[] = [
  [names.TFJS_CPU, "#6b7280", "#9ca3af"],
  [names.JAX_JS, "#7c3aed", "#a78bfa"],
  [names.TFJS_WASM, "#b45309", "#fbbf24"],
  [names.PLAIN_BY_TWO, "#15803d", "#4ade80"],
  [names.TORCH_FUSED, "#be185d", "#f472b6"],
  [names.C_BASE, "#1d4ed8", "#60a5fa"],
  [names.KERNEL, "#ea580c", "#f97316"],
  [names.C_AVX2, "#0e7490", "#22d3ee"],
  [names.STREAM_WASM, "#8c959f", "#768390"],
];

interface Line {
  readonly name: string;
  /** Of LINES: the class that has its colour. */
  readonly kind: number;
  readonly points: readonly (readonly [parameters: number, nanoseconds: number])[];
}

const STYLE = `
  .line { fill: none; stroke-width: 2; stroke-linejoin: round; } .ours-line { stroke-width: 3.5; }
${LINES.map(([, light], i) => `  .l${i} { stroke: ${light}; } .t${i} { fill: ${light}; }`).join("\n")}
  @media (prefers-color-scheme: dark) {
${LINES.map(([, , dark], i) => `    .l${i} { stroke: ${dark}; } .t${i} { fill: ${dark}; }`).join("\n")}
  }`;

export function drawScaling({ cases }: SuiteResult): string {
  const lines = LINES.flatMap(([name], kind): Line[] => {
    const points = cases.flatMap((one) => {
      const found = measuredOf(one, name);
      return found ? [[one.parameters, medianOf(found.rounds)] as const] : [];
    });
    return points.length > 0 ? [{ name, kind, points }] : [];
  });
  const values = lines.flatMap(({ points }) => points.map(([, nanoseconds]) => nanoseconds));
  const axis = decades(values.length > 0 ? values : [1, 10]);
  const y = { ...axis, start: PLOT.bottom, end: PLOT.top };
  const sizes = cases.map(({ parameters }) => parameters);
  const x = {
    from: Math.min(...sizes),
    to: Math.max(...sizes),
    start: PLOT.left + 12,
    end: PLOT.right - 12,
  };
  return svg({
    title: "Nanoseconds per parameter of one AdamW step against the number of parameters",
    width: WIDTH,
    height: HEIGHT,
    style: STYLE,
    body: [
      `<text x="${PLOT.left}" y="22">nanoseconds per parameter of one step, one thread, both axes logarithmic</text>`,
      ...axis.ticks.map((tick) => gridLine(y, tick)),
      ...cases.map(({ name, parameters }) => {
        const at = px(positionOn(x, parameters));
        return `<text class="middle" x="${at}" y="${PLOT.bottom + 20}">${escapeXml(name)}</text>`;
      }),
      `<text class="middle" x="${(PLOT.left + PLOT.right) / 2}" y="${HEIGHT - 8}">parameters</text>`,
      ...lines.map((line) => pathOf(line, x, y)),
      ...labelsOf(lines, x, y),
    ],
  });
}

function gridLine(y: LogScale, tick: number): string {
  const at = px(positionOn(y, tick));
  return (
    `<path class="grid" d="M${PLOT.left} ${at}H${PLOT.right}"/>` +
    `<text class="end" x="${PLOT.left - 8}" y="${Number(at) + 4}">${tick}</text>`
  );
}

function pathOf({ name, kind, points }: Line, x: LogScale, y: LogScale): string {
  const at = points.map(([parameters, nanoseconds]) => {
    return [px(positionOn(x, parameters)), px(positionOn(y, nanoseconds))];
  });
  const line = `line l${kind}${name === names.KERNEL ? " ours-line" : ""}`;
  const path = at.map((point) => point.join(" ")).join("L");
  const dots = at.map(([cx, cy]) => `<circle class="t${kind}" cx="${cx}" cy="${cy}" r="3.5"/>`);
  return `<path class="${line}" d="M${path}"/>${dots.join("")}`;
}

/**
 * A line's name and last figure: at the right, none over another; or at the line's end, if that
 * leaves room for it.
 */
function labelsOf(lines: readonly Line[], x: LogScale, y: LogScale): string[] {
  const labels = lines
    .map(({ name, kind, points }) => {
      const [parameters, nanoseconds] = points[points.length - 1];
      const text = `${name} ${significant(nanoseconds)}`;
      return { text, kind, at: positionOn(y, nanoseconds), left: positionOn(x, parameters) + 10 };
    })
    .sort((a, b) => a.at - b.at);
  const inside = labels.filter(({ left }) => left + LABEL_WIDTH <= PLOT.right);
  const outside = labels.filter(({ left }) => left + LABEL_WIDTH > PLOT.right);
  const places = apart(
    outside.map(({ at }) => at),
    LABEL_HEIGHT,
  );
  const label = (kind: number, left: number, top: number, text: string) =>
    `<text class="t${kind}" x="${px(left)}" y="${px(top + 4)}">${escapeXml(text)}</text>`;
  return [
    ...outside.map(({ text, kind }, i) => label(kind, PLOT.right + 8, places[i], text)),
    ...inside.map(({ text, kind, at, left }) => label(kind, left, at, text)),
  ];
}

/** Moves ascending places until each is `least` from the next, groups staying around their mean. */
export function apart(places: readonly number[], least: number): number[] {
  const groups: { sum: number; count: number }[] = [];
  const startOf = ({ sum, count }: { sum: number; count: number }) =>
    sum / count - ((count - 1) * least) / 2;
  for (const place of places) {
    groups.push({ sum: place, count: 1 });
    while (groups.length > 1) {
      const [above, below] = groups.slice(-2);
      if (startOf(below) - (startOf(above) + (above.count - 1) * least) >= least) break;
      groups.splice(-2, 2, { sum: above.sum + below.sum, count: above.count + below.count });
    }
  }
  return groups.flatMap((group) =>
    Array.from({ length: group.count }, (_, i) => startOf(group) + i * least),
  );
}
