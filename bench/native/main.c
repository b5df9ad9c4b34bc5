// The native rival: reads commands on stdin, answers each with one line on stdout.
//
//   features             names of the vector extensions that this processor has
//   open KIND N THREADS  KIND: adamw, stream or copy; "ok"
//   run WARM STEPS       WARM steps untimed, then STEPS: the median of their nanoseconds
//   read FIRST COUNT     COUNT weights
//   (end of input)       quits
//
// Weights, gradients and hyper-parameters are those of bench/harness/data.ts.

#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kernels.h"
#include "team.h"

enum { ADAMW, STREAM, COPY };
enum { P, G, M, V, PLANES };

static struct {
  int kind, threads;
  size_t n;
  char *memory;
  float *planes[PLANES];
  long t; /* steps done */
} state;

static void fail(const char *what) {
  fprintf(stderr, "%s\n", what);
  exit(1);
}

/* Planes must not lie near a multiple of 32 MiB or of 4 KiB apart: src/core/slab-layout.ts. */
static int well_apart(size_t distance) {
  const size_t wide = distance % 33554432, narrow = distance % 4096;
  return wide >= 65536 && 33554432 - wide >= 65536 && narrow >= 64 && 4096 - narrow >= 64;
}

static float weight_at(size_t i) { return (float)(0.5 + (double)(i * 31 % 97) / 97); }

static float gradient_at(size_t i) {
  return (float)(0.001 * (double)(1 + i * 7919 % 251) * (i % 2 ? -1 : 1));
}

static void open_planes(void) {
  const size_t bytes = (state.n * sizeof(float) + 63) / 64 * 64;
  size_t starts[PLANES], end = 0;
  for (int plane = 0; plane < PLANES; plane++) {
    size_t start = plane == 0 ? 0 : end + 78912;
    for (int other = 0; other < plane; other++) {
      if (well_apart(start - starts[other])) continue;
      start += 64;
      other = -1;
    }
    starts[plane] = start;
    end = start + bytes;
  }
  if (!(state.memory = aligned_alloc(64, end))) fail("no memory");
  for (int plane = 0; plane < PLANES; plane++) {
    state.planes[plane] = (float *)(state.memory + starts[plane]);
  }
  for (size_t i = 0; i < state.n; i++) {
    state.planes[P][i] = weight_at(i);
    state.planes[G][i] = gradient_at(i);
    state.planes[M][i] = state.planes[V][i] = 0;
  }
}

/* A copy that moves what a step moves, 28 bytes a parameter: 14 read, 14 written. */
static void open_copy(void) {
  const size_t bytes = state.n * 14;
  if (!(state.memory = aligned_alloc(64, (2 * bytes + 78912 + 191) / 64 * 64))) fail("no memory");
  float *from = (float *)state.memory;
  for (size_t i = 0; i < bytes / sizeof(float); i++) from[i] = weight_at(i);
  state.planes[P] = (float *)(state.memory + (bytes + 63) / 64 * 64 + 78912);
  memset(state.planes[P], 0, bytes);
}

static scalars scalars_of(long t) {
  const double lr = 1e-3, beta1 = 0.9, beta2 = 0.999, weight_decay = 0.01;
  return (scalars){
      .beta1 = (float)beta1,
      .beta2 = (float)beta2,
      .one_minus_beta1 = (float)(1 - beta1),
      .one_minus_beta2 = (float)(1 - beta2),
      .keep = (float)(1 - lr * weight_decay),
      .step_size = (float)(lr / (1 - pow(beta1, (double)t))),
      .inv_root_bc2 = (float)(1 / sqrt(1 - pow(beta2, (double)t))),
      .eps = 1e-8f,
  };
}

static void one_step(int thread, long t) {
  /* Shares end at multiples of 16 elements, a cache line. */
  const size_t share = (state.n / (size_t)state.threads + 15) / 16 * 16;
  const size_t first = share * (size_t)thread < state.n ? share * (size_t)thread : state.n;
  const size_t rest = state.n - first;
  const size_t n = thread == state.threads - 1 || rest < share ? rest : share;
  float *p = state.planes[P] + first;
  if (state.kind == COPY) {
    memcpy(state.planes[P], state.memory, state.n * 14);
    return;
  }
  float *g = state.planes[G] + first, *m = state.planes[M] + first, *v = state.planes[V] + first;
  if (state.kind == STREAM) {
    update_shaped_stream(p, g, m, v, n);
    return;
  }
  const scalars s = scalars_of(t);
  adamw(p, g, m, v, n, &s);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

struct run {
  long warm, steps;
  double *nanoseconds; /* of each step that is timed */
};

static void run_steps(int thread, void *argument) {
  const struct run *run = argument;
  barrier(state.threads);
  double start = now();
  for (long i = -run->warm; i < run->steps; i++) {
    one_step(thread, state.t + run->warm + i + 1);
    barrier(state.threads);
    if (thread != 0) continue;
    const double end = now();
    if (i >= 0) run->nanoseconds[i] = end - start;
    start = end;
  }
}

static int ascending(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median_run(struct run run) {
  if (!(run.nanoseconds = malloc((size_t)run.steps * sizeof(double)))) fail("no memory");
  run_team(state.threads, run_steps, &run);
  state.t += run.warm + run.steps;
  qsort(run.nanoseconds, (size_t)run.steps, sizeof(double), ascending);
  const double low = run.nanoseconds[(run.steps - 1) / 2], high = run.nanoseconds[run.steps / 2];
  free(run.nanoseconds);
  return (low + high) / 2;
}

static void print_features(void) {
#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2")) printf("avx2 ");
  if (__builtin_cpu_supports("avx512f")) printf("avx512f ");
#endif
  printf("\n");
}

static int kind_of(const char *name) {
  if (strcmp(name, "adamw") == 0) return ADAMW;
  if (strcmp(name, "stream") == 0) return STREAM;
  if (strcmp(name, "copy") == 0) return COPY;
  fail("unknown kind");
  return -1;
}

int main(void) {
  char line[256], kind[16];
  while (fgets(line, sizeof line, stdin)) {
    size_t first, count;
    struct run run = {0, 0, NULL};
    if (strncmp(line, "features", 8) == 0) {
      print_features();
    } else if (sscanf(line, "open %15s %zu %d", kind, &state.n, &state.threads) == 3) {
      state.kind = kind_of(kind);
      if (state.kind == COPY) open_copy();
      else open_planes();
      printf("ok\n");
    } else if (sscanf(line, "run %ld %ld", &run.warm, &run.steps) == 2) {
      printf("%.0f\n", median_run(run));
    } else if (sscanf(line, "read %zu %zu", &first, &count) == 2) {
      for (size_t i = first; i < first + count; i++) printf("%.9g ", state.planes[P][i]);
      printf("\n");
    } else {
      fail("unknown command");
    }
    fflush(stdout);
  }
  return 0;
}
