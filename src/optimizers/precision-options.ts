import { wrongValue } from "../errors.ts";
import { DTYPES } from "../parameters/named.ts";
import type { Dtype } from "../parameters/parameter.ts";
import { flag, knownKeys, oneOf, optionObject } from "../validate.ts";
import type { Settings } from "./settings.ts";

/** Dtypes of the weights and gradients. */
export interface PrecisionOptions {
  /** Dtype of the model copy beside the float32 master weights. Default "float32", none. */
  readonly model?: Dtype;
  /** Dtype of the gradient views, and of Uint16Array gradients by name. Default "float32". */
  readonly gradients?: Dtype;
  /** Whether float32 masters are kept beside a 16-bit model copy. Default true. */
  readonly master?: boolean;
}

/** @throws TypeError, RangeError: see docs/semantics.md, "Options" */
export function readPrecision(
  precision: unknown,
): Pick<Settings, "model" | "gradients" | "master"> {
  if (precision === undefined) return { model: "float32", gradients: "float32", master: true };
  const where = "precision";
  const options = optionObject(precision, "precision", "the options");
  knownKeys(options, ["model", "gradients", "master"], where);
  const { model = "float32", gradients = "float32", master = true } = options;
  const settings = {
    model: oneOf(model, DTYPES, "model", where),
    gradients: oneOf(gradients, DTYPES, "gradients", where),
    master: flag(master, "master", where),
  };
  if (!settings.master && settings.model === "float32") {
    throw wrongValue(
      "master",
      where,
      "true with a float32 model, which has no copy beside it",
      false,
    );
  }
  return settings;
}
