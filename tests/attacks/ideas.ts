import type { Idea } from "./idea.ts";
import { FRAME } from "./ideas-frame.ts";
import { HEADER } from "./ideas-header.ts";
import { OWN } from "./ideas-own.ts";
import { TENSORS } from "./ideas-tensors.ts";

/** All of them, in the order of the README. */
export const IDEAS: readonly Idea[] = [...FRAME, ...HEADER, ...TENSORS, ...OWN];
