import type uPlot from "uplot";
import type { ParameterInfo } from "../protocol.ts";
import { find, make, setText } from "./dom.ts";
import type { Engine } from "./engine.ts";
import { rate, whole } from "./format.ts";
import { type LayerRate, layerRates } from "./layer-rates.ts";
import { LineChart } from "./line-chart.ts";
import { onPlannedSteps, stepsOf } from "./planned-steps.ts";
import { colour } from "./theme.ts";

const MOST_POINTS = 500;

/** The learning rate of every layer: now, as bars, and over the whole run, as curves. */
export function ratesView(engine: Engine): void {
  const host = find("rates", HTMLDivElement);
  const legend = find("rates-legend", HTMLElement);
  let parameters: readonly ParameterInfo[] = [];
  let layers: LayerRate[] = [];
  let rows: Row[] = [];
  let curve: number[] = [];
  let steps = 1;
  let step = 0;
  let pointed: number | null = null;
  let chart: LineChart | undefined;

  function rebuild(): void {
    layers = layerRates(parameters, steps);
    const top = Math.max(...layers.map(({ peak }) => peak));
    rows = layers.map((layer) => makeRow(layer, top));
    host.replaceChildren(...rows.map(({ element }) => element));
    chart?.destroy();
    chart = new LineChart(find("rates-chart", HTMLDivElement), {
      lines: layers.map(({ group }) => ({ colour: group, width: 1.75 })),
      range: () => [0, 1.05 * top],
      format: (value) => (value === 0 ? "0" : `${(1000 * value).toFixed(1)}e-3`),
      onPoint: (index) => {
        pointed = index;
        show();
      },
      onDraw: (plot) => drawNow(plot, step),
    });
    for (const [i, { element }] of rows.entries()) {
      element.addEventListener("pointerenter", () => chart?.highlight([i]));
      element.addEventListener("pointerleave", () => chart?.highlight(null));
    }
    curve = curveSteps(steps);
    chart.show([curve, ...layers.map((layer) => curve.map(layer.at))], steps);
    show();
  }

  function show(): void {
    const at = pointed === null ? step : curve[pointed];
    for (const [i, layer] of layers.entries()) rows[i].show(at === 0 ? 0 : layer.at(at));
    setText(legend, at === 0 ? "before the first step" : `step ${at} of ${steps}`);
    chart?.redraw();
  }

  function plan(next: number): void {
    if (next === steps) return;
    steps = next;
    rebuild();
  }

  onPlannedSteps(plan);
  engine.on("ready", (ready) => {
    parameters = ready.parameters;
    steps = ready.defaults.steps;
    rebuild();
  });
  engine.on("classes", (now) => {
    parameters = now.parameters;
    rebuild();
  });
  engine.on("state", (now) => {
    step = now.step;
    plan(stepsOf(now));
    show();
  });
  engine.on("step", (now) => {
    step = now.step;
    show();
  });
}

/** Steps at which the curves are drawn: all of them, or enough. */
function curveSteps(steps: number): number[] {
  const stride = Math.ceil(steps / MOST_POINTS);
  return Array.from({ length: Math.ceil(steps / stride) }, (_, i) => 1 + i * stride);
}

interface Row {
  readonly element: HTMLElement;
  readonly show: (lr: number) => void;
}

/** The pale part of a bar is the layer's peak, the full one its rate now. */
function makeRow({ name, group, lrScale, count, peak }: LayerRate, top: number): Row {
  const fill = make("span", "rate-fill");
  const extent = make("span", "rate-extent");
  extent.style.width = `${(100 * peak) / top}%`;
  const value = make("span", "rate-value", "0");
  const label = make("span", "rate-name", name);
  const scale = make("span", "rate-scale", `× ${lrScale.toFixed(3)}`);
  const size = make("span", "rate-count", `${whole(count)} weights`);
  const element = make(
    "div",
    `rate-row group-${group}`,
    label,
    size,
    make("span", "rate-bar", extent, fill),
    value,
    scale,
  );
  return {
    element,
    show: (lr) => {
      fill.style.transform = `scaleX(${lr / top})`;
      setText(value, rate(lr));
    },
  };
}

/** A line at the step that is done, and a veil over what is to come. */
function drawNow(plot: uPlot, step: number): void {
  if (step === 0) return;
  const { ctx, bbox } = plot;
  const x = Math.round(plot.valToPos(step, "x", true));
  ctx.save();
  ctx.globalAlpha = 0.6;
  ctx.fillStyle = colour("surface");
  ctx.fillRect(x, bbox.top, bbox.left + bbox.width - x, bbox.height);
  ctx.globalAlpha = 1;
  ctx.fillStyle = colour("ink");
  ctx.fillRect(x, bbox.top, devicePixelRatio, bbox.height);
  ctx.restore();
}
