// The loops that are timed. Each works on elements [0, n) of planes that do not overlap.
#ifndef KERNELS_H
#define KERNELS_H

#include <stddef.h>

/** The scalars of one step, as torch's documentation has them. */
typedef struct {
  float beta1, beta2;
  float one_minus_beta1, one_minus_beta2;
  float keep;        /* 1 - lr * weight decay */
  float step_size;   /* lr / (1 - beta1^t) */
  float inv_root_bc2; /* 1 / sqrt(1 - beta2^t) */
  float eps;
} scalars;

void adamw(float *p, const float *g, float *m, float *v, size_t n, const scalars *s);
void update_shaped_stream(float *p, const float *g, float *m, float *v, size_t n);

#endif
