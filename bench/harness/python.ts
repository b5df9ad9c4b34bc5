import { spawnSync } from "node:child_process";

/** A Python that has PyTorch: ASHLAR_BENCH_PYTHON, python3 or python. */
export function findTorch(): { command: string; torch: string } | { why: string } {
  const asked = process.env.ASHLAR_BENCH_PYTHON;
  for (const command of asked ? [asked] : ["python3", "python"]) {
    const { status, stdout } = spawnSync(
      command,
      ["-c", "import torch; print(torch.__version__)"],
      {
        encoding: "utf8",
      },
    );
    if (status === 0) return { command, torch: stdout.trim() };
  }
  return {
    why: `no PyTorch in ${asked ?? "python3 or python; ASHLAR_BENCH_PYTHON names another"}`,
  };
}
