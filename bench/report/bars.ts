import { ASHLAR, KERNEL, ROOFLINES } from "./names.ts";
import type { Case, SuiteResult } from "./result.ts";
import { measuredOf, medianOf } from "./statistics.ts";
import { decades, escapeXml, type LogScale, positionOn, px, svg } from "./svg.ts";
import { significant } from "./table.ts";

// bench/results/step.svg: time per parameter of all contenders, one column of bars a size.

const SIZES = ["1M", "16M"];
const LABELS = 190;
const PANEL = 300;
const GAP = 24;
/** Room for the figure behind the longest bar. */
const FIGURE = 48;
const ROW = 24;
const TOP = 62;
const BAR = 14;

const STYLE = `
  .bar { fill: #8c959f; } .ours-bar { fill: #ea580c; } .roof-bar { fill: #8c959f; fill-opacity: 0.45; }
  @media (prefers-color-scheme: dark) {
    .bar { fill: #768390; } .ours-bar { fill: #f97316; } .roof-bar { fill: #768390; fill-opacity: 0.45; }
  }`;

const isOurs = (name: string) => name === KERNEL || name === ASHLAR;
const barClass = (name: string) =>
  isOurs(name) ? "ours-bar" : ROOFLINES.includes(name) ? "roof-bar" : "bar";

/** Draws the sizes that the result has of SIZES. */
export function drawBars({ cases }: SuiteResult): string {
  const shown = SIZES.flatMap((size) => cases.find(({ name }) => name === size) ?? []);
  const names = orderOf(shown);
  const medians = shown.flatMap(({ measured }) => measured.map(({ rounds }) => medianOf(rounds)));
  const axis = decades(medians.length > 0 ? medians : [1, 10]);
  const bottom = TOP + names.length * ROW;
  const panels = shown.flatMap((one, i) => {
    const start = LABELS + i * (PANEL + GAP);
    const scale = { ...axis, start, end: start + PANEL - FIGURE };
    return [...gridOf(scale, axis.ticks, one, bottom), ...barsOf(one, names, scale)];
  });
  const labels = names.map((name, row) => {
    const kind = isOurs(name) ? "ours" : "name";
    return `<text class="${kind} end" x="${LABELS - 10}" y="${middleOf(row)}">${escapeXml(name)}</text>`;
  });
  return svg({
    title: "Nanoseconds per parameter of one AdamW step",
    width: LABELS + shown.length * (PANEL + GAP),
    height: bottom + 30,
    style: STYLE,
    body: [
      `<text x="24" y="18">nanoseconds per parameter of one step, one thread, log scale: shorter is faster; pale: the memory traffic alone</text>`,
      ...panels,
      ...labels,
    ],
  });
}

const middleOf = (row: number) => TOP + row * ROW + ROW / 2 + 4;

/** Rooflines, then ourselves, then the rivals, each from fast to slow. */
function orderOf(cases: readonly Case[]): string[] {
  const names = [...new Set(cases.flatMap(({ measured }) => measured.map(({ name }) => name)))];
  const group = (name: string) => (ROOFLINES.includes(name) ? 0 : isOurs(name) ? 1 : 2);
  const time = (name: string) => {
    const found = cases.flatMap((one) => measuredOf(one, name) ?? []);
    return medianOf(found[0].rounds);
  };
  return names.sort((a, b) => group(a) - group(b) || time(a) - time(b));
}

function gridOf(scale: LogScale, ticks: readonly number[], { name }: Case, bottom: number) {
  return [
    `<text class="name" x="${scale.start}" y="42">${escapeXml(name)} parameters</text>`,
    ...ticks.map((tick) => {
      const x = px(positionOn(scale, tick));
      return `<path class="grid" d="M${x} ${TOP - 8}V${bottom + 4}"/><text class="middle" x="${x}" y="${bottom + 20}">${tick}</text>`;
    }),
  ];
}

function barsOf(one: Case, names: readonly string[], scale: LogScale): string[] {
  return names.map((name, row) => {
    const measured = measuredOf(one, name);
    const y = middleOf(row);
    if (!measured) return `<text x="${scale.start + 6}" y="${y}">not run</text>`;
    const median = medianOf(measured.rounds);
    const end = positionOn(scale, median);
    const width = px(end - scale.start);
    return (
      `<rect class="${barClass(name)}" x="${scale.start}" y="${y - 4 - BAR / 2}" width="${width}" height="${BAR}"/>` +
      `<text x="${px(end + 6)}" y="${y}">${significant(median)}</text>`
    );
  });
}
