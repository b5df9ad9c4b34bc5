const WIDTH = 60;
const HEIGHT = 8;

/** Draws a curve as lines of text: means of equal runs of values, from 0 to the largest. */
export function curve(values: readonly number[]): string[] {
  const points = meansOfRuns(values, Math.min(WIDTH, values.length));
  const top = Math.max(...points, Number.MIN_VALUE);
  const rowOf = (value: number) => Math.round((value / top) * (HEIGHT - 1));
  const grid = Array.from({ length: HEIGHT }, () => new Array<string>(points.length).fill(" "));
  let before = rowOf(points[0]);
  points.forEach((value, x) => {
    const now = rowOf(value);
    if (now === before) {
      grid[now][x] = "─";
    } else {
      grid[before][x] = now < before ? "╮" : "╯";
      grid[now][x] = now < before ? "╰" : "╭";
      for (let y = Math.min(now, before) + 1; y < Math.max(now, before); y++) grid[y][x] = "│";
    }
    before = now;
  });
  return grid
    .map((cells, row) => {
      const label = ((top * row) / (HEIGHT - 1)).toFixed(2).padStart(6);
      return `${label} ┤${cells.join("")}`.trimEnd();
    })
    .reverse();
}

function meansOfRuns(values: readonly number[], count: number): number[] {
  return Array.from({ length: count }, (_, i) => {
    const start = Math.floor((i * values.length) / count);
    const end = Math.floor(((i + 1) * values.length) / count);
    return values.slice(start, end).reduce((sum, value) => sum + value, 0) / (end - start);
  });
}
