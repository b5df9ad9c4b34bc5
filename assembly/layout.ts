// The ABI: every number that the TypeScript side and the numeric core must agree on, stated once.
// asc and tsc both compile this file, so it holds integer constants only and imports nothing.
// docs/abi.md is generated from it by scripts/abi-doc.mjs.

/** Version of everything below; the core returns it from `abiVersion()`, the facade compares. */
export const ABI_VERSION = 5;

/** Elements of one reduction block, counted from a parameter's own first element. */
export const BLOCK_LENGTH = 4096;

/** Elements of one 16-bit work block: master and model copy of a block stay in the L1 cache. */
export const HALF_BLOCK_LENGTH = 1024;

/** A parameter's subnormal moments become +0 in each update whose t is a multiple of this. */
export const FLUSH_PERIOD = 64;

// A segment is one parameter's run in one slab. The kernel walks a table of these records.
//
//   byte  0    PARAM          address of float32[length], master weights        read, written
//         4    GRAD           address of float32[length], gradient              read, written
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
//        68    MAX_ABS_GRAD   uint32: bits of max |g|, or of a bound of it      raised
//        72    OVERFLOWED     uint32: infinite model values of finite masters   added to
//        76    METRICS        address of float64[blocks * 6]; 0 if none          written
//        80    GRAD16         address of uint16[length], gradient; 0 if none    read, written
//        84    CHECKS         address of check records[blocks]; 0 if none      written
//        88    CHECK_PHASE    uint32: block i is checked where i + PHASE is a    read
//        92    CHECK_STRIDE   uint32: multiple of STRIDE, at least 1           read
//        96    next record
//
// Addresses are bytes; float32 planes need 4-byte alignment, uint16 planes 2, SUMS and METRICS 8.
// Whoever calls sets MAX_ABS_GRAD and OVERFLOWED to 0 before: a segment may be walked in pieces, and
// by several threads. Where sums are asked for, MAX_ABS_GRAD is a bound, at most 1.000001 times the
// root of a block's sum of squares; either way it is infinite or NaN where a gradient is.
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
export const SEG_GRAD16 = 80;
export const SEG_CHECKS = 84;
export const SEG_CHECK_PHASE = 88;
export const SEG_CHECK_STRIDE = 92;
export const SEG_BYTES = 96;

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
/** GRAD16 is IEEE binary16, and is widened into GRAD before anything reads it. */
export const FLAG_GRAD_FLOAT16 = 32;
/** GRAD16 is bfloat16, and is widened into GRAD before anything reads it. */
export const FLAG_GRAD_BFLOAT16 = 64;
/** GRAD, and GRAD16 where there is one, become +0 after the update. */
export const FLAG_ZERO_GRAD = 128;
/** There are no masters: after the update PARAM becomes what MODEL says. */
export const FLAG_MODEL_ONLY = 256;
/** Write CHECKS of what is updated. */
export const FLAG_CHECK = 512;

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

// Checksums of one block, docs/semantics.md "Checksums": four lanes of two accumulators each.
//
//   byte  0    GRAD      uint32[4] a, uint32[4] b: of the gradient             written
//        32    STATE     uint32[4] a, uint32[4] b: of weights and moments      written
//        64    next record
export const CHECK_GRAD = 0;
export const CHECK_STATE = 32;
export const CHECK_BYTES = 64;

// A run is a piece of a segment, for row-sparse gradients. Runs of a table ascend and do not overlap.
//
//   byte  0    FIRST     uint32: element of the segment                      read
//         4    LENGTH    uint32: elements, at least 1                        read
//         8    next record
export const RUN_FIRST = 0;
export const RUN_LENGTH = 4;
export const RUN_BYTES = 8;

/** Scratch of a call, of each thread its own: eight float64 accumulators, a block of float32. */
export const SCRATCH_BYTES = 16448;

// Threads share a slab's work by a job record. A span is a piece of one segment, cut at multiples of
// BLOCK_LENGTH; a chunk is some spans that lie one after the other.
//
//   byte  0    NEXT      int32: chunks that nobody has claimed; below 1: none  atomic
//         4    FINISHED  uint32: chunks that are done, and BROKEN              atomic
//         8    CHUNKS    uint32: chunks of the slab                            read
//        12    OP        uint32: one of OP_*                                   read
//        16    TABLE     address of the chunk records, last claimed first      read
//        20    next record
export const JOB_NEXT = 0;
export const JOB_FINISHED = 4;
export const JOB_CHUNKS = 8;
export const JOB_OP = 12;
export const JOB_TABLE = 16;
export const JOB_BYTES = 20;

/** Bit of a job's FINISHED that a worker sets which failed: a chunk of it will never be done. */
export const BROKEN = 0x80000000;

/** Update. */
export const OP_STEP = 0;
/** Update, and write METRICS. */
export const OP_STEP_MEASURED = 1;
/** Read the gradients. */
export const OP_SCAN = 2;

//   byte  0    SPANS     address of span records                              read
//         4    COUNT     uint32: how many                                     read
//         8    next record
export const CHUNK_SPANS = 0;
export const CHUNK_COUNT = 4;
export const CHUNK_BYTES = 8;

//   byte  0    SEGMENT   address of a segment record                          read
//         4    FIRST     uint32: element of the segment                       read
//         8    LENGTH    uint32: elements, at least 1                         read
//        12    next record
export const SPAN_SEGMENT = 0;
export const SPAN_FIRST = 4;
export const SPAN_LENGTH = 8;
export const SPAN_BYTES = 12;

// How workers learn of a job. It lies in the first slab.
//
//   byte  0    GENERATION  int32: raised with every job; workers wait on it     atomic
//         4    SLAB        uint32: index of the slab that the job is in         read
//         8    POLLING     uint32: workers that would see a job at once         atomic
//        12    CLOSED      uint32: not 0 where workers are to end               read
//        16    FAILURE     address of the first failure record; 0 if none      atomic
//        20    next record
export const CALL_GENERATION = 0;
export const CALL_SLAB = 4;
export const CALL_POLLING = 8;
export const CALL_CLOSED = 12;
export const CALL_FAILURE = 16;
export const CALL_BYTES = 20;

// What a worker says that failed. It lies at the beginning of the worker's own scratch in the first
// slab, which nobody else writes to.
//
//   byte  0    LENGTH      uint32: bytes of the text                            written
//         4    TEXT        UTF-8, cut to 1,024 bytes                            written
//      1028    next record
export const FAILURE_LENGTH = 0;
export const FAILURE_TEXT = 4;
export const FAILURE_BYTES = 1028;
