import { clipByGlobalNorm } from "../../src/index.ts";
import {
  AMSGRAD,
  ASHLAR,
  BFLOAT16_BOTH,
  BFLOAT16_COPY,
  CLIP,
  FLOAT16_BOTH,
  FLOAT16_COPY,
  GRAD_NORM,
} from "../report/names.ts";
import { MAX_NORM } from "../rivals/ashlar.ts";
import { variantSuite } from "./variants.ts";

export const precision = variantSuite("precision", "16-bit model copies and gradients", {
  [BFLOAT16_COPY]: { nonFinite: "allow", precision: { model: "bfloat16" } },
  [FLOAT16_COPY]: { nonFinite: "allow", precision: { model: "float16" } },
  [BFLOAT16_BOTH]: {
    nonFinite: "allow",
    precision: { model: "bfloat16", gradients: "bfloat16" },
  },
  [FLOAT16_BOTH]: { nonFinite: "allow", precision: { model: "float16", gradients: "float16" } },
});

export const clip = variantSuite("clip", "Looking at the gradients: non-finite, norm, clipping", {
  [ASHLAR]: {},
  [GRAD_NORM]: { gradNorm: true },
  [CLIP]: { clip: clipByGlobalNorm(MAX_NORM) },
});

export const amsgrad = variantSuite("amsgrad", "amsgrad", {
  [AMSGRAD]: { nonFinite: "allow", amsgrad: true },
});
