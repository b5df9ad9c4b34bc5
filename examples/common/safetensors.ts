/** A tensor of a safetensors file. */
export interface FileTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array | Int8Array;
}

export interface TensorFile {
  readonly tensors: Readonly<Record<string, FileTensor>>;
  readonly metadata: Readonly<Record<string, string>>;
}

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

const LENGTH_BYTES = 8;

/**
 * Lays tensors out as a safetensors file: the header's length as 64 bits, little-endian; the header,
 * JSON padded with spaces to a multiple of 8; then the data, tensor after tensor, without gaps.
 */
export function toSafetensors({ tensors, metadata }: TensorFile): Uint8Array {
  const entries: Record<string, unknown> = { __metadata__: metadata };
  let end = 0;
  // Wider elements first, as the format's own writer does: all are aligned then.
  const ordered = Object.entries(tensors).sort(
    ([, a], [, b]) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT,
  );
  for (const [name, { shape, data }] of ordered) {
    const begin = end;
    end += data.byteLength;
    const dtype = data instanceof Int8Array ? "I8" : "F32";
    entries[name] = { dtype, shape, data_offsets: [begin, end] };
  }
  const json = new TextEncoder().encode(JSON.stringify(entries));
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const dataStart = LENGTH_BYTES + headerBytes;

  const file = new Uint8Array(dataStart + end);
  const view = new DataView(file.buffer);
  view.setBigUint64(0, BigInt(headerBytes), true);
  file.fill(0x20, LENGTH_BYTES, dataStart);
  file.set(json, LENGTH_BYTES);
  let at = dataStart;
  for (const [, { data }] of ordered) {
    // The format is little-endian on every machine.
    data.forEach((value, i) => {
      if (data instanceof Int8Array) view.setInt8(at + i, value);
      else view.setFloat32(at + 4 * i, value, true);
    });
    at += data.byteLength;
  }
  return file;
}

/** Reads what `toSafetensors` wrote. */
export function fromSafetensors(file: Uint8Array): TensorFile {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const dataStart = LENGTH_BYTES + Number(view.getBigUint64(0, true));
  const header = new TextDecoder().decode(file.subarray(LENGTH_BYTES, dataStart));
  const { __metadata__: metadata, ...entries } = JSON.parse(header) as Record<string, Entry> & {
    __metadata__: Record<string, string>;
  };
  const tensors = Object.entries(entries).map(([name, { dtype, shape, data_offsets }]) => {
    const [begin, end] = data_offsets.map((offset) => dataStart + offset);
    const data =
      dtype === "I8"
        ? Int8Array.from({ length: end - begin }, (_, i) => view.getInt8(begin + i))
        : Float32Array.from({ length: (end - begin) / 4 }, (_, i) =>
            view.getFloat32(begin + 4 * i, true),
          );
    return [name, { shape, data }];
  });
  return { tensors: Object.fromEntries(tensors), metadata };
}
