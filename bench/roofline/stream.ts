// What a step cannot be faster than: its memory traffic with next to no arithmetic. AssemblyScript;
// bench/rivals/roofline.ts compiles it.

/**
 * Reads g, and reads and writes p, m and v: 28 bytes for each of `count` elements, a multiple of 4.
 * The loop tests at the bottom, as the core's do.
 */
export function stream(p: usize, g: usize, m: usize, v: usize, count: u32): void {
  let rounds = count >> 2;
  if (!rounds) return;
  do {
    const x = v128.load(g);
    v128.store(p, f32x4.add(v128.load(p), x));
    v128.store(m, f32x4.add(v128.load(m), x));
    v128.store(v, f32x4.add(v128.load(v), x));
    p += 16;
    g += 16;
    m += 16;
    v += 16;
  } while (--rounds);
}

export function copy(to: usize, from: usize, bytes: usize): void {
  memory.copy(to, from, bytes);
}
