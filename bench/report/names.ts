// Names of the contenders, as results, targets and the baseline know them.

/** The package as it comes: gradients are looked at for NaN and infinity first. */
export const ASHLAR = "ashlar";
/** nonFinite: "allow": the kernel alone. */
export const KERNEL = "ashlar, kernel alone";
/** One thread where it is compared with two. */
export const ONE_THREAD = "ashlar, one thread";
export const TWO_THREADS = "ashlar, two threads";

export const PLAIN = "plain JS";
export const PLAIN_BY_TWO = "plain JS, two a round";
export const TFJS_WASM = "TensorFlow.js wasm";
export const TFJS_CPU = "TensorFlow.js cpu";
export const JAX_JS = "jax-js wasm";
export const TORCH_FUSED = "PyTorch fused";
export const TORCH_FOREACH = "PyTorch foreach";

/** The compiler's own choice: SSE2 on x86-64, NEON on ARM. */
export const C_BASE = "C, 128-bit";
export const C_AVX2 = "C, AVX2";
export const C_AVX512 = "C, AVX-512";
export const C_AVX2_TWO = "C, AVX2, two threads";

export const STREAM_WASM = "stream, wasm";
export const STREAM_C = "stream, C, AVX2";
export const COPY_WASM = "memory.copy, wasm";
export const COPY_C = "memcpy, C";

export const BFLOAT16_COPY = "bfloat16 copy";
export const FLOAT16_COPY = "float16 copy";
export const BFLOAT16_BOTH = "bfloat16 copy and gradients";
export const FLOAT16_BOTH = "float16 copy and gradients";

export const CLIP = "global norm clip";
export const GRAD_NORM = "gradNorm";
export const AMSGRAD = "amsgrad";

export const DENSE = "dense step";
export const SPARSE = "512 rows, lazy";
export const SPARSE_EAGER = "512 rows, every row decays";

export const MANY = "199 tensors";
export const ONE_TENSOR = "one tensor";

export const FIRST_STEP = "first step";
export const FIRST_STEP_TOUCHED = "first step, touchPages";
export const HUNDREDTH_STEP = "hundredth step";

/** What no change of ours makes faster: drawn apart from the rivals. */
export const ROOFLINES: readonly string[] = [STREAM_WASM, STREAM_C, COPY_WASM, COPY_C];
