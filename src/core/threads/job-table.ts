import {
  CHUNK_BYTES,
  CHUNK_COUNT,
  CHUNK_SPANS,
  JOB_BYTES,
  JOB_CHUNKS,
  JOB_TABLE,
  SPAN_BYTES,
  SPAN_FIRST,
  SPAN_LENGTH,
  SPAN_SEGMENT,
} from "../../../assembly/layout.ts";
import type { SlabMemory } from "../memory.ts";
import { type PlannedSlab, recordPtr } from "../plan.ts";
import { cutChunks } from "./chunks.ts";

/** Writes a slab's job record with its chunks and spans. Nobody may be at work on the slab. */
export function writeJobTable(memory: SlabMemory, { layout, segments }: PlannedSlab): void {
  const { jobPtr, chunksPtr, spansPtr } = layout;
  const chunks = cutChunks(segments.map(({ length }) => length));
  const spanCount = chunks.reduce((count, spans) => count + spans.length, 0);
  const chunkWords = memory.uint32(chunksPtr, (chunks.length * CHUNK_BYTES) / 4);
  const spanWords = memory.uint32(spansPtr, (spanCount * SPAN_BYTES) / 4);
  let span = 0;
  chunks.forEach((spans, index) => {
    // The last record is claimed first: the claims go through the memory in its order.
    const at = ((chunks.length - 1 - index) * CHUNK_BYTES) / 4;
    chunkWords[at + CHUNK_SPANS / 4] = spansPtr + span * SPAN_BYTES;
    chunkWords[at + CHUNK_COUNT / 4] = spans.length;
    for (const { segment, first, length } of spans) {
      const to = (span * SPAN_BYTES) / 4;
      spanWords[to + SPAN_SEGMENT / 4] = recordPtr(layout, segment);
      spanWords[to + SPAN_FIRST / 4] = first;
      spanWords[to + SPAN_LENGTH / 4] = length;
      span++;
    }
  });
  const job = memory.uint32(jobPtr, JOB_BYTES / 4);
  job[JOB_CHUNKS / 4] = chunks.length;
  job[JOB_TABLE / 4] = chunksPtr;
}
