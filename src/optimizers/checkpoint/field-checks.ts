import { isPlainRecord } from "../../validate.ts";

// What a value that came from a file is. Records may have other fields beside those named.

export type Check = (value: unknown) => boolean;

export const text: Check = (value) => typeof value === "string";
export const flag: Check = (value) => typeof value === "boolean";
export const finite: Check = (value) => typeof value === "number" && Number.isFinite(value);
export const count: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
export const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
export const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
export const record =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isPlainRecord(value) && Object.entries(fields).every(([key, check]) => check(value[key]));
