export { type CosineWithWarmupOptions, cosineWithWarmup } from "./cosine-with-warmup.ts";
export type { Schedule, ScheduleData, ScheduleFunction } from "./schedule.ts";
