import { show, wrongValue } from "../../errors.ts";
import type { ByteReader } from "../bytes.ts";
import { isOurs } from "../checkpoint-file/metadata.ts";
import { checkpointOf } from "../checkpoint-file/read-checkpoint.ts";
import { Gathered } from "../safetensors/gathered.ts";
import { exist } from "../safetensors/read-bytes.ts";
import { readData, type TakeBytes } from "../safetensors/read-data.ts";
import { readHeader } from "../safetensors/read-header.ts";
import type { TensorEntry } from "../safetensors/tensor.ts";
import { checkNames, readOptions, type Selection } from "./options.ts";
import { parameterDtype, toParameter } from "./to-parameter.ts";
import type { ReadWeightsOptions, Weights, WeightTensor } from "./weights.ts";

/** What checkpoints put before the name of a parameter's weights. */
const PREFIX = "param.";

/** readWeights of a reader, which is the caller's to close. */
export async function weightsFrom(
  reader: ByteReader,
  options?: ReadWeightsOptions,
): Promise<Weights> {
  const selection = readOptions(options);
  const header = await readHeader(reader);
  const checkpoint = isOurs(header.metadata) ? checkpointOf(reader, header) : undefined;
  const { names, left } = choose(header.tensors, selection, checkpoint ? PREFIX : "");

  const parameters: Record<string, WeightTensor> = Object.create(null);
  const take = (tensor: TensorEntry): TakeBytes | null => {
    const name = names.get(tensor);
    if (name === undefined) return null;
    const size = tensor.end - tensor.begin;
    const gathered = new Gathered(size, exist(reader, size));
    const keep = () => {
      parameters[name] = toParameter(tensor, gathered.join());
    };
    if (size === 0) keep();
    return (bytes) => {
      gathered.add(bytes);
      if (gathered.arrived === size) keep();
    };
  };
  await (checkpoint ? checkpoint.readTensors(take) : readData(reader, header, { take }));
  return { parameters, left };
}

/** The names of the wanted tensors as parameters, and of those that can be none in the file. */
function choose(
  tensors: readonly TensorEntry[],
  selection: Selection,
  prefix: string,
): { names: ReadonlyMap<TensorEntry, string>; left: readonly string[] } {
  const names = new Map<TensorEntry, string>();
  const left: string[] = [];
  for (const tensor of tensors) {
    if (!tensor.name.startsWith(prefix)) continue;
    const name = tensor.name.slice(prefix.length);
    if (!selection.wants(name)) continue;
    if (parameterDtype(tensor)) names.set(tensor, selection.rename(name));
    else if (selection.strict) {
      const remedy = "No parameter can hold others; leave it out by `names`";
      const expected = "F32, F16, BF16 or F64";
      throw wrongValue("dtype", `tensor ${show(name)}`, expected, tensor.dtype, remedy);
    } else left.push(name);
  }
  checkNames(names);
  return { names, left };
}
