// The ABI: every number that the TypeScript side and the numeric core must agree on, stated once.
// asc and tsc both compile this file, so it holds integer constants only and imports nothing.
// docs/abi.md is generated from it by scripts/abi-doc.mjs.

/** Version of everything below; the core returns it from `abiVersion()`, the facade compares. */
export const ABI_VERSION = 2;

/** Elements of one reduction block, counted from a parameter's own first element. */
export const BLOCK_LENGTH = 4096;

/** Elements of one 16-bit work block: master and model copy of a block stay in the L1 cache. */
export const HALF_BLOCK_LENGTH = 1024;

/** A parameter's subnormal moments become +0 in each update whose t is a multiple of this. */
export const FLUSH_PERIOD = 64;

// A segment is one parameter's run in one slab. The kernel walks a table of these records.
//
//   byte  0    PARAM          address of float32[length], master weights        read, written
//         4    GRAD           address of float32[length], gradient              read
//         8    EXP_AVG        address of float32[length], first moment m        read, written
//        12    EXP_AVG_SQ     address of float32[length], second moment v       read, written
//        16    MAX_EXP_AVG_SQ address of float32[length], amsgrad; 0 if none    read, written
//        20    MODEL          address of uint16[length], 16-bit copy; 0 if none written
//        24    SUMS           address of float64[blocks], block sums; 0 if none written
//        28    LENGTH         elements, 0 .. 2^30 - 1                           read
//        32    FLAGS          bits FLAG_*                                       read
//        36    GRAD_SCALE     float32: sign * clip coefficient / loss scale     read
//        40    BETA1          float32                                           read
//        44    ONE_MINUS_BETA1 float32, the difference formed in float64        read
//        48    BETA2          float32                                           read
//        52    ONE_MINUS_BETA2 float32, the difference formed in float64        read
//        56    DECAY          float32: share of the weight taken away           read
//        60    STEP_SIZE      float32: multiplies m                             read
//        64    EPS_HAT        float32: added to sqrt(v)                         read
//        68    MAX_ABS_GRAD   uint32: bits of max |g|, by scan                  written
//        72    OVERFLOWED     uint32: infinite model values of finite masters   written
//        76    METRICS        address of float64[blocks * 6]; 0 if none          written
//        80    next record
//
// Addresses are bytes; float32 planes need 4-byte alignment, uint16 planes 2, SUMS 8.
export const SEG_PARAM = 0;
export const SEG_GRAD = 4;
export const SEG_EXP_AVG = 8;
export const SEG_EXP_AVG_SQ = 12;
export const SEG_MAX_EXP_AVG_SQ = 16;
export const SEG_MODEL = 20;
export const SEG_SUMS = 24;
export const SEG_LENGTH = 28;
export const SEG_FLAGS = 32;
export const SEG_GRAD_SCALE = 36;
export const SEG_BETA1 = 40;
export const SEG_ONE_MINUS_BETA1 = 44;
export const SEG_BETA2 = 48;
export const SEG_ONE_MINUS_BETA2 = 52;
export const SEG_DECAY = 56;
export const SEG_STEP_SIZE = 60;
export const SEG_EPS_HAT = 64;
export const SEG_MAX_ABS_GRAD = 68;
export const SEG_OVERFLOWED = 72;
export const SEG_METRICS = 76;
export const SEG_BYTES = 80;

/** The segment takes part in this call; without it the kernel passes over the record. */
export const FLAG_ACTIVE = 1;
/** Divide by the square root of the largest v so far. Needs MAX_EXP_AVG_SQ. */
export const FLAG_AMSGRAD = 2;
/** Subnormal moments become +0 before they are used. */
export const FLAG_FLUSH = 4;
/** MODEL is IEEE binary16. */
export const FLAG_MODEL_FLOAT16 = 8;
/** MODEL is bfloat16. */
export const FLAG_MODEL_BFLOAT16 = 16;

// What stepMeasured writes for each block of a segment, in float64: sums over its elements, with u
// the change p' - p that the step made, and g as it is stored (before GRAD_SCALE).
//
//   byte  0    GRAD_SQUARES    sum of g * g
//         8    MOMENT_SQUARES  sum of m' * m'
//        16    PARAM_SQUARES   sum of p' * p'
//        24    UPDATE_SQUARES  sum of u * u
//        32    MOMENT_GRAD     sum of m' * g
//        40    UPDATE_GRAD     sum of u * g
//        48    next record
export const METRIC_GRAD_SQUARES = 0;
export const METRIC_MOMENT_SQUARES = 8;
export const METRIC_PARAM_SQUARES = 16;
export const METRIC_UPDATE_SQUARES = 24;
export const METRIC_MOMENT_GRAD = 32;
export const METRIC_UPDATE_GRAD = 40;
export const METRIC_BYTES = 48;

// A run is a piece of a segment, for row-sparse gradients. Runs of a table ascend and do not overlap.
//
//   byte  0    FIRST     uint32: element of the segment                      read
//         4    LENGTH    uint32: elements, at least 1                        read
//         8    next record
export const RUN_FIRST = 0;
export const RUN_LENGTH = 4;
export const RUN_BYTES = 8;

/** Scratch of a call: eight float64 accumulators and one block of float32. */
export const SCRATCH_BYTES = 16448;
