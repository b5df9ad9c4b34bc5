import { show, wrongValue } from "../../errors.ts";
import { inNameOrder } from "../../parameters/name-order.ts";
import { METADATA_KEY } from "./parse-header.ts";
import { sizeOf } from "./size.ts";
import { bitsOf, type TensorEntry } from "./tensor.ts";

/**
 * Places tensors in a data section: large dtypes first, then by the UTF-8 bytes of the names, one
 * after the other. So each begins at a multiple of its element's size, whatever their shapes.
 *
 * @throws RangeError for a name that a file cannot hold
 */
export function layOut<Tensor extends Omit<TensorEntry, "begin" | "end">>(
  tensors: readonly Tensor[],
): (TensorEntry & { readonly tensor: Tensor })[] {
  checkNames(tensors);
  const sorted = inNameOrder(tensors).sort((a, b) => bitsOf(b.dtype) - bitsOf(a.dtype));
  let begin = 0;
  return sorted.map((tensor) => {
    const { name, dtype, shape } = tensor;
    const end = begin + sizeOf(name, dtype, shape);
    const entry = { name, dtype, shape, begin, end, tensor };
    begin = end;
    return entry;
  });
}

function checkNames(tensors: readonly { readonly name: string }[]): void {
  const seen = new Set<string>([METADATA_KEY]);
  for (const { name } of tensors) {
    if (!name.isWellFormed()) throw wrongValue("name", "a tensor", "well-formed Unicode", name);
    if (seen.has(name)) {
      const expected = `each name once, and not ${show(METADATA_KEY)}`;
      throw wrongValue("name", "a tensor", expected, name);
    }
    seen.add(name);
  }
}
