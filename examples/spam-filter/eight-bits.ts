/** A matrix in 8-bit integers: row i is `scales[i]` times them. */
export interface EightBits {
  readonly values: Int8Array;
  readonly scales: Float32Array;
}

const LARGEST = 127;

/** Rounds each row to 255 steps between its largest element and minus that. */
export function toEightBits(data: Float32Array, rows: number): EightBits {
  const width = data.length / rows;
  const values = new Int8Array(data.length);
  const scales = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    const elements = data.subarray(row * width, (row + 1) * width);
    const largest = elements.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    scales[row] = largest / LARGEST;
    if (largest === 0) continue;
    elements.forEach((value, i) => {
      const steps = Math.round(value / scales[row]);
      values[row * width + i] = Math.max(-LARGEST, Math.min(LARGEST, steps));
    });
  }
  return { values, scales };
}

export function fromEightBits({ values, scales }: EightBits): Float32Array {
  const width = values.length / scales.length;
  return Float32Array.from(values, (value, i) => value * scales[Math.floor(i / width)]);
}
