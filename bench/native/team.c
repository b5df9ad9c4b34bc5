#include "team.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST_THREADS = 64, POLLS = 100000 };

static atomic_int arrived;
static atomic_int generation;

/* Not pthread_barrier_t: it sleeps in the kernel at once, which costs more than a step in cache. */
void barrier(int threads) {
  if (threads == 1) return;
  const int mine = atomic_load(&generation);
  if (atomic_fetch_add(&arrived, 1) == threads - 1) {
    atomic_store(&arrived, 0);
    atomic_fetch_add(&generation, 1);
    return;
  }
  for (int polls = 0; atomic_load(&generation) == mine; polls++) {
    if (polls > POLLS) sched_yield();
  }
}

struct member {
  int thread;
  void (*work)(int, void *);
  void *argument;
};

static void *begin(void *of) {
  struct member *self = of;
  self->work(self->thread, self->argument);
  return NULL;
}

void run_team(int threads, void (*work)(int, void *), void *argument) {
  pthread_t ids[MOST_THREADS];
  struct member members[MOST_THREADS];
  for (int i = 1; i < threads; i++) {
    members[i] = (struct member){i, work, argument};
    if (pthread_create(&ids[i], NULL, begin, &members[i]) != 0) {
      perror("pthread_create");
      exit(1);
    }
  }
  work(0, argument);
  for (int i = 1; i < threads; i++) pthread_join(ids[i], NULL);
}
