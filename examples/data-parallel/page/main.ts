import type { Outcome } from "../outcome.ts";
import { linePoints } from "./line.ts";
import type { Failure, FromWorker, State } from "./messages.ts";
import { type Parameters, readParameters } from "./parameters.ts";

const at = (id: string): HTMLElement => {
  const found = document.querySelector<HTMLElement>(`[data-testid="${id}"]`);
  if (!found) throw new Error(`the page has no ${id}`);
  return found;
};

const WORDS: Record<State, string> = {
  loading: "Loading the model and its files",
  waiting: "Waiting for the other ranks",
  training: "Training",
  done: "Done",
  failed: "Ended",
};

const losses: number[] = [];

function show(id: string, text: string): void {
  at(id).textContent = text;
}

function showState(state: State): void {
  at("state").dataset.state = state;
  show("state", WORDS[state]);
}

function showStep(step: number, steps: number, loss: number): void {
  losses.push(loss);
  at("step").dataset.step = `${step}`;
  show("step", `${step}`);
  show("loss", loss.toFixed(6));
  at("progress").style.setProperty("--share", `${step / steps}`);
  at("curve").setAttribute("points", linePoints(losses, steps));
}

function showOutcome({ digest, newAccuracy, oldAccuracy, costs }: Outcome, rank: number): void {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const mebibytes = (bytes: number) => `${(bytes / 1_048_576).toFixed(2)} MiB`;
  const { shardBytes, bytes, sentPerStep } = costs[rank];
  show("digest", digest);
  show("new-accuracy", percent(newAccuracy));
  show("old-accuracy", percent(oldAccuracy));
  show("memory", `${mebibytes(bytes)}, of it ${mebibytes(shardBytes)} for its shard`);
  show("sent", mebibytes(sentPerStep));
}

/** Whom it is about, what happened, and where this rank stands. */
function showFailure({ message, code, rank, steps }: Failure): void {
  const box = at("error");
  box.hidden = false;
  box.dataset.code = code ?? "";
  box.dataset.rank = `${rank ?? ""}`;
  show(
    "error-title",
    rank === null || code !== "RANK_LOST" ? "This run has ended" : `Rank ${rank} is lost`,
  );
  show("error-text", `${message}.`);
  show("error-steps", `This rank had done ${steps} steps.${code === null ? "" : ` ${code}`}`);
}

function start(parameters: Parameters): void {
  const { rank, ranks, steps, server, group } = parameters;
  show("rank", `${rank}`);
  show("ranks", `of ${ranks}`);
  show("steps", `of ${steps}`);
  show("where", `group "${group}" on ${server}`);
  document.title = `Rank ${rank} of ${ranks} · ashlar`;
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  const fail = (failure: Failure) => {
    showState("failed");
    showFailure(failure);
  };
  worker.onerror = ({ message }) => fail({ message, code: null, rank: null, steps: losses.length });
  worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
    switch (data.type) {
      case "state":
        showState(data.state);
        break;
      case "step":
        showStep(data.step, steps, data.loss);
        break;
      case "done":
        showOutcome(data.outcome, rank);
        showState("done");
        break;
      case "failed":
        fail(data.failure);
        break;
    }
  };
  worker.postMessage(parameters);
}

try {
  start(readParameters(location.search));
} catch (error) {
  showState("failed");
  showFailure({ message: (error as Error).message, code: null, rank: null, steps: 0 });
}
