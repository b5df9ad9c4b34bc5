// Words of a segment record that several threads may write in one step. The results do not depend on
// their order. Only the build for shared memory pays for atomic instructions.

@inline
export function addTo(word: usize, amount: u32): void {
  if (ASC_FEATURE_THREADS) atomic.add<u32>(word, amount);
  else store<u32>(word, load<u32>(word) + amount);
}

@inline
export function raiseTo(word: usize, value: u32): void {
  if (ASC_FEATURE_THREADS) {
    let seen = atomic.load<u32>(word);
    while (seen < value) {
      const before = atomic.cmpxchg<u32>(word, seen, value);
      if (before == seen) return;
      seen = before;
    }
  } else if (load<u32>(word) < value) store<u32>(word, value);
}
