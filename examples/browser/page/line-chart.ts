import uPlot from "uplot";
import { oncePerFrame } from "./dom.ts";
import { colour } from "./theme.ts";

/** One series; its colour is a custom property of the style sheet. */
export interface Line {
  readonly colour: string;
  readonly width?: number;
  /** Values as dots without a line. */
  readonly dots?: boolean;
  /** Values marked on the line, as long as they are few. */
  readonly marks?: boolean;
  readonly alpha?: number;
}

export interface LineChartOptions {
  readonly lines: readonly Line[];
  /** Ends of the y axis for the values that are there. */
  readonly range: (values: readonly uPlot.AlignedData[number][]) => [number, number];
  readonly logarithmic?: boolean;
  readonly format: (value: number) => string;
  /** Called with the index under the pointer, or null where there is none. */
  readonly onPoint?: (index: number | null) => void;
  /** Called after the lines are drawn. */
  readonly onDraw?: (plot: uPlot) => void;
}

const MOST_MARKS = 50;

const FONT = "12px system-ui, sans-serif";

/** A uPlot over steps, which follows the size of its box and the theme of the page. */
export class LineChart {
  readonly #plot: uPlot;
  readonly #repaint: () => void;
  readonly #resizes: ResizeObserver;
  #data: uPlot.AlignedData;
  #steps = 1;

  constructor(host: HTMLElement, options: LineChartOptions) {
    this.#data = [[], ...options.lines.map(() => [])];
    this.#plot = new uPlot(this.#options(host, options), this.#data, host);
    this.#repaint = oncePerFrame(() => this.#plot.setData(this.#data));
    this.#resizes = new ResizeObserver(() => this.#plot.setSize(sizeOf(host)));
    this.#resizes.observe(host);
    addEventListener("themechange", this.#repaint);
  }

  /** Leaves the box empty. */
  destroy(): void {
    this.#resizes.disconnect();
    removeEventListener("themechange", this.#repaint);
    this.#plot.destroy();
  }

  /** @param data the steps, then the values of each line @param steps end of the x axis */
  show(data: uPlot.AlignedData, steps: number): void {
    this.#data = data;
    this.#steps = Math.max(1, steps);
    this.#repaint();
  }

  /** Draws again what is there. */
  redraw(): void {
    this.#repaint();
  }

  /** Makes one line stand out, or none. */
  highlight(lines: readonly number[] | null): void {
    for (let i = 1; i < this.#plot.series.length; i++) {
      this.#plot.series[i].alpha = lines === null || lines.includes(i - 1) ? this.#alpha(i) : 0.12;
    }
    this.#plot.redraw(false);
  }

  readonly #alphas: number[] = [];

  #alpha(series: number): number {
    return this.#alphas[series - 1];
  }

  #options(host: HTMLElement, options: LineChartOptions): uPlot.Options {
    const axis = {
      font: FONT,
      stroke: () => colour("muted"),
      grid: { stroke: () => colour("line"), width: 1 },
      ticks: { show: false },
    };
    this.#alphas.push(...options.lines.map(({ alpha }) => alpha ?? 1));
    return {
      ...sizeOf(host),
      legend: { show: false },
      padding: [10, 14, 0, 0],
      cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
      scales: {
        x: { time: false, range: () => [0, this.#steps] },
        y: {
          distr: options.logarithmic ? 3 : 1,
          range: () => options.range(this.#data.slice(1)),
        },
      },
      axes: [
        {
          ...axis,
          grid: { show: false },
          space: 70,
          size: 30,
          incrs: [1, 2, 5, 10, 20, 40, 50, 80, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4],
        },
        {
          ...axis,
          grid: {
            ...axis.grid,
            // A line at every power of ten is enough.
            filter: (_: uPlot, values: number[]) =>
              options.logarithmic ? values.map((y) => (isPowerOfTen(y) ? y : null)) : values,
          },
          size: 58,
          space: 40,
          // Between the powers of ten of a logarithmic axis uPlot hands over nulls.
          values: (_: uPlot, values: (number | null)[]) =>
            values.map((value) => (value === null ? null : options.format(value))),
        },
      ],
      series: [{}, ...options.lines.map(seriesOf)],
      hooks: {
        setCursor: [(plot) => options.onPoint?.(plot.cursor.idx ?? null)],
        draw: [(plot) => options.onDraw?.(plot)],
      },
    };
  }
}

function seriesOf({ colour: name, width = 2, dots, marks, alpha = 1 }: Line): uPlot.Series {
  const stroke = () => colour(name);
  return dots
    ? { stroke, alpha, paths: () => null, points: { show: true, size: 4, width: 0, fill: stroke } }
    : {
        stroke,
        alpha,
        width,
        pxAlign: 0,
        points: { show: marks ? areFew : false, size: 5, fill: stroke },
      };
}

/** A first value alone makes no line: without a mark it would not be seen. */
function areFew(plot: uPlot): boolean {
  return (plot.data[0]?.length ?? 0) <= MOST_MARKS;
}

function isPowerOfTen(value: number): boolean {
  return value.toExponential(6).startsWith("1.000000");
}

function sizeOf(host: HTMLElement): { width: number; height: number } {
  return { width: Math.max(120, host.clientWidth), height: Math.max(80, host.clientHeight) };
}
