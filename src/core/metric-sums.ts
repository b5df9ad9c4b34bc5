import {
  METRIC_BYTES,
  METRIC_GRAD_SQUARES,
  METRIC_MOMENT_GRAD,
  METRIC_MOMENT_SQUARES,
  METRIC_PARAM_SQUARES,
  METRIC_UPDATE_GRAD,
  METRIC_UPDATE_SQUARES,
} from "../../assembly/layout.ts";

/** Sums over a parameter's elements; docs/abi.md has each. Gradients as stored, before scaling. */
export interface MetricSums {
  grad: number;
  moment: number;
  param: number;
  update: number;
  momentGrad: number;
  updateGrad: number;
}

/** Numbers of a block's metric record. */
export const METRIC_LENGTH = METRIC_BYTES / 8;

export const noSums = (): MetricSums => ({
  grad: 0,
  moment: 0,
  param: 0,
  update: 0,
  momentGrad: 0,
  updateGrad: 0,
});

/** Adds metric records of blocks, one after the other. float64[METRIC_LENGTH * blocks] */
export function addMetrics(sums: MetricSums, blocks: Float64Array): void {
  for (let at = 0; at < blocks.length; at += METRIC_LENGTH) {
    sums.grad += blocks[at + METRIC_GRAD_SQUARES / 8];
    sums.moment += blocks[at + METRIC_MOMENT_SQUARES / 8];
    sums.param += blocks[at + METRIC_PARAM_SQUARES / 8];
    sums.update += blocks[at + METRIC_UPDATE_SQUARES / 8];
    sums.momentGrad += blocks[at + METRIC_MOMENT_GRAD / 8];
    sums.updateGrad += blocks[at + METRIC_UPDATE_GRAD / 8];
  }
}
