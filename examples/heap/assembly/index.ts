// The kernels of a small framework, and the heap that they work in. Tensors are float32, row by row,
// wherever `allocate` put them; the framework's other half, in JavaScript, knows them by address.
// No arithmetic here depends on the engine: + - * / and sqrt only.

/** Zeros: the address of `bytes` bytes, a multiple of 16. */
export function allocate(bytes: i32): usize {
  const ptr = heap.alloc(bytes);
  memory.fill(ptr, 0, bytes);
  return ptr;
}

/** Gives back what `allocate` gave. */
export function release(ptr: usize): void {
  heap.free(ptr);
}

/** features[256] = the root of each byte's share of a text. */
export function byteShares(text: usize, length: i32, features: usize): void {
  memory.fill(features, 0, 256 << 2);
  for (let i = 0; i < length; i++) {
    const at = element(features, load<u8>(text + i));
    store<f32>(at, load<f32>(at) + 1);
  }
  for (let i = 0; i < 256; i++) {
    const at = element(features, i);
    store<f32>(at, sqrt<f32>(load<f32>(at) / f32(length)));
  }
}

/** y[rows, outs] = x[rows, ins] times weight[ins, outs], plus bias[outs]. */
export function dense(
  x: usize,
  weight: usize,
  bias: usize,
  y: usize,
  rows: i32,
  ins: i32,
  outs: i32,
): void {
  for (let row = 0; row < rows; row++) {
    const out = element(y, row * outs);
    memory.copy(out, bias, outs << 2);
    for (let i = 0; i < ins; i++) {
      addScaled(out, element(weight, i * outs), load<f32>(element(x, row * ins + i)), outs);
    }
  }
}

/** The gradients of `dense`'s weight and bias, added to what is there: zero them before. */
export function denseGradient(
  x: usize,
  dy: usize,
  dWeight: usize,
  dBias: usize,
  rows: i32,
  ins: i32,
  outs: i32,
): void {
  for (let row = 0; row < rows; row++) {
    const out = element(dy, row * outs);
    addScaled(dBias, out, 1, outs);
    for (let i = 0; i < ins; i++) {
      addScaled(element(dWeight, i * outs), out, load<f32>(element(x, row * ins + i)), outs);
    }
  }
}

/** dx[rows, ins] = dy[rows, outs] times the transpose of weight[ins, outs], where x > 0; else 0. */
export function denseReluGradient(
  x: usize,
  weight: usize,
  dy: usize,
  dx: usize,
  rows: i32,
  ins: i32,
  outs: i32,
): void {
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < ins; i++) {
      const at = row * ins + i;
      let sum: f32 = 0;
      if (load<f32>(element(x, at)) > 0) {
        for (let o = 0; o < outs; o++) {
          const d = load<f32>(element(dy, row * outs + o));
          sum += d * load<f32>(element(weight, i * outs + o));
        }
      }
      store<f32>(element(dx, at), sum);
    }
  }
}

/** Zeroes what is below zero, in place. */
export function relu(y: usize, length: i32): void {
  for (let i = 0; i < length; i++) {
    const at = element(y, i);
    if (load<f32>(at) < 0) store<f32>(at, 0);
  }
}

/**
 * Squared hinge loss, one class against the others, and its gradient by the scores: the mean over
 * rows of the sum of max(0, 1 - y s)^2, y = 1 for the row's label and -1 for the other classes.
 */
export function squaredHinge(
  scores: usize,
  labels: usize,
  dScores: usize,
  rows: i32,
  classes: i32,
): f32 {
  let loss: f32 = 0;
  for (let row = 0; row < rows; row++) {
    const label = i32(load<u8>(labels + row));
    for (let c = 0; c < classes; c++) {
      const at = row * classes + c;
      const y: f32 = c === label ? 1 : -1;
      const short = max<f32>(0, 1 - y * load<f32>(element(scores, at)));
      loss += short * short;
      store<f32>(element(dScores, at), (-2 * y * short) / f32(rows));
    }
  }
  return loss / f32(rows);
}

/** to += factor * from */
function addScaled(to: usize, from: usize, factor: f32, length: i32): void {
  for (let i = 0; i < length; i++) {
    const at = element(to, i);
    store<f32>(at, load<f32>(at) + factor * load<f32>(element(from, i)));
  }
}

function element(tensor: usize, index: i32): usize {
  return tensor + ((<usize>index) << 2);
}
