// Threads that run one function together, again and again, with a barrier after each step.
#ifndef TEAM_H
#define TEAM_H

/** Waits until all `threads` have come. Spins; a waiter that spins long yields its processor. */
void barrier(int threads);

/** Runs work(thread, argument) on `threads` threads, 0 being the caller; returns when all are done. */
void run_team(int threads, void (*work)(int thread, void *argument), void *argument);

#endif
