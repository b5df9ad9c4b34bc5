const WIDTH = 600;
const HEIGHT = 120;

/**
 * Losses as the points of an SVG polyline in a box of 600 by 120, 0 at the bottom.
 *
 * @param steps of the whole run: what the width stands for
 */
export function linePoints(losses: readonly number[], steps: number): string {
  const most = Math.max(...losses);
  return losses
    .map((loss, i) => {
      const x = steps === 1 ? 0 : (i / (steps - 1)) * WIDTH;
      const y = most === 0 ? HEIGHT : HEIGHT - (loss / most) * HEIGHT;
      return `${x.toFixed(1)},${y.toFixed(1)}`;
    })
    .join(" ");
}
