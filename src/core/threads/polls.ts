/**
 * Looks at a word before a thread falls asleep: 10 to 50 microseconds. With 2,000, schedulers
 * sometimes kept two threads on one processor and nothing was gained.
 */
export const POLLS = 20_000;
