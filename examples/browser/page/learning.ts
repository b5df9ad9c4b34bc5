import { find, make, setText } from "./dom.ts";
import type { Engine } from "./engine.ts";
import { fixed, percent } from "./format.ts";
import { History } from "./history.ts";
import { LineChart } from "./line-chart.ts";

/** Share of the past in the running mean of the loss. */
const MEMORY = 0.9;

/** Loss and accuracy over the steps. */
export function learningCharts(engine: Engine): void {
  lossChart(engine);
  accuracyChart(engine);
}

function lossChart(engine: Engine): void {
  const legend = find("loss-legend", HTMLElement);
  const chart = new LineChart(find("loss-chart", HTMLDivElement), {
    lines: [
      { colour: "quiet-bar", dots: true, alpha: 0.55 },
      { colour: "ink-bar", width: 2 },
    ],
    logarithmic: true,
    range: ([losses]) => decades(losses as number[]),
    format: String,
    onPoint: (index) => tell(index),
  });
  let mean: number[] = [];

  const history = new History(engine, () => {
    const losses = history.figures.map(({ loss }) => loss);
    mean = runningMean(losses);
    chart.show([history.figures.map(({ step }) => step), losses, mean], history.steps);
    tell(null);
  });

  function tell(index: number | null): void {
    const { figures } = history;
    const i = index !== null && figures[index] ? index : figures.length - 1;
    if (i < 0) setText(legend, "no step yet");
    else setText(legend, `${fixed(mean[i], 3)} at step ${figures[i].step}`);
  }
}

/** Powers of ten around all values. A loop: a long run has more values than a call may have arguments. */
function decades(values: readonly number[]): [number, number] {
  let low = 0.1;
  let high = 10;
  for (const value of values) {
    while (value < low && low > 1e-6) low /= 10;
    while (value > high) high *= 10;
  }
  return [low, high];
}

/** Starts with the first value; forgets a tenth with each step. */
function runningMean(values: readonly number[]): number[] {
  let mean = values[0];
  return values.map((value) => {
    mean = MEMORY * mean + (1 - MEMORY) * value;
    return mean;
  });
}

function accuracyChart(engine: Engine): void {
  const shown = {
    new: make("span", "is-new"),
    old: make("span", "is-old"),
  };
  find("accuracy-legend", HTMLElement).append(shown.new, shown.old);
  const chart = new LineChart(find("accuracy-chart", HTMLDivElement), {
    lines: [
      { colour: "new", marks: true },
      { colour: "old", marks: true },
    ],
    range: () => [0, 1],
    format: (value) => percent(value, 0),
    onPoint: (index) => tell(index),
  });
  const validation = () => history.evaluations.filter(({ split }) => split === "validation");

  const history = new History(engine, () => {
    const all = validation();
    chart.show(
      [
        all.map(({ step }) => step),
        all.map(({ newAccuracy }) => newAccuracy),
        all.map(({ oldAccuracy }) => oldAccuracy),
      ],
      history.steps,
    );
    tell(null);
  });

  function tell(index: number | null): void {
    const all = validation();
    const at = (index === null ? undefined : all[index]) ?? all.at(-1);
    setText(shown.new, `new ${percent(at?.newAccuracy)}`);
    setText(shown.old, `old ${percent(at?.oldAccuracy)}`);
  }
}
