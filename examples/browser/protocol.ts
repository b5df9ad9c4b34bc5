/**
 * What the page and its worker say to each other. Types only: both sides import this file.
 *
 * The page creates the worker with
 *
 *   new Worker(new URL("../engine/worker.ts", import.meta.url), { type: "module" })
 *
 * and the worker begins to load by itself: "loading" comes some times, then "ready" once. Whatever
 * the page sends, the worker answers with "state" where the state changed, or with "error".
 *
 * The page is tested by `node scripts/web-check.mjs`, which finds elements by data-testid:
 *
 *   start pause resume reset save   buttons; `disabled` where they do nothing
 *   load-file                       <input type="file">, one checkpoint
 *   seed steps threads              inputs; threads is a <select> whose values are "auto", "1", "2", ...
 *   state                           data-state = a State
 *   step                            data-step = steps done, data-steps = steps of the run
 *   loss                            data-loss
 *   new-accuracy old-accuracy       data-value = 0 to 1, of the last "evaluated"; absent before
 *   digest                          text: the digest, 64 hex digits; empty before
 *   digest-badge                    data-same = "true" | "false" | "none"
 *   error                           role="alert"; text of the last error; empty or hidden else
 *   classify-text                   <textarea>
 *   classify-result                 its children with data-language and data-probability, best first
 *   class-name class-files class-add   text input, <input type="file" multiple>, button
 *   class-list                      its children with data-class = name
 *   theme                           button; document.documentElement.dataset.theme = "light" | "dark"
 *   isolation                       data-isolated = "true" | "false", data-threads = threads of the run
 */

/** idle: nothing trained; loading a checkpoint leads to paused or done. */
export type State = "idle" | "training" | "paused" | "done";

export interface UserFile {
  readonly name: string;
  readonly bytes: ArrayBuffer;
}

export type ToWorker =
  /** Begins a run; only when idle. */
  | {
      readonly type: "start";
      readonly threads: number | "auto";
      /** A whole number from 0 to 2^32-1. */
      readonly seed: number;
      /** 1 to 100,000. */
      readonly steps: number;
      /** Whether plain JavaScript takes every step too, for the comparison of times. */
      readonly plainJs: boolean;
    }
  /** After the step that is being computed. */
  | { readonly type: "pause" }
  | { readonly type: "resume" }
  /** Back to the pretrained weights; classes that were added stay. Any state. */
  | { readonly type: "reset" }
  /** Answered by "saved". When paused or done; while training it is saved after the current step. */
  | { readonly type: "save" }
  /** Not while training. Answered by "loaded", or by "error", and then nothing has changed. */
  | { readonly type: "load"; readonly file: Blob; readonly threads: number | "auto" }
  /** Only when idle. Answered by "classes". Transfer the buffers. */
  | { readonly type: "addClass"; readonly name: string; readonly files: readonly UserFile[] }
  /** Only when idle. Answered by "classes". */
  | { readonly type: "removeClass"; readonly name: string }
  /** Any time from "ready" on. `id` comes back with the answer. */
  | { readonly type: "classify"; readonly id: number; readonly text: string };

/** A class that the user added. */
export interface AddedClass {
  readonly name: string;
  /** The old language that its columns start as a copy of. */
  readonly twin: string;
  readonly trainFiles: number;
  readonly heldOutFiles: number;
}

/** A parameter of the optimizer, as it is now. */
export interface ParameterInfo {
  readonly name: string;
  readonly shape: readonly number[];
  readonly count: number;
  /** Param group: its own peak learning rate. */
  readonly group: "deep" | "wide" | "new";
  /** Depth: "embedding", "hidden1", "hidden2" or "head". */
  readonly layer: string;
  /** Share of the group's learning rate that the layer decay gives it. */
  readonly lrScale: number;
  readonly decays: boolean;
}

export interface Capabilities {
  /** Cross-origin isolated, with SharedArrayBuffer: more than one thread is possible. */
  readonly isolated: boolean;
  readonly cores: number;
  /** What "auto" would take now. */
  readonly autoThreads: number;
}

export interface LanguageScore {
  readonly language: string;
  readonly isNew: boolean;
  readonly right: number;
  readonly total: number;
}

export interface ParameterRate {
  readonly name: string;
  readonly lr: number;
}

/** One step's figures. Times in milliseconds; plainJsMs is null where the comparison is off. */
export interface StepFigures {
  /** Steps done: 1 after the first. */
  readonly step: number;
  /** Mean over the batch, in nats, before the step. */
  readonly loss: number;
  readonly gradientMs: number;
  readonly optimizerMs: number;
  readonly plainJsMs: number | null;
}

/** The model over held-out files. */
export interface EvaluationFigures {
  /** Steps done when it was made; 0 before training. */
  readonly step: number;
  /** "validation" every `evaluateEvery` steps; "test", files that decide nothing, at 0 and the end. */
  readonly split: "validation" | "test";
  readonly newAccuracy: number;
  readonly oldAccuracy: number;
  readonly byLanguage: readonly LanguageScore[];
}

export type FromWorker =
  /** share: 0 to 1. */
  | { readonly type: "loading"; readonly what: string; readonly share: number }
  | {
      readonly type: "ready";
      readonly languages: readonly string[];
      readonly newLanguages: readonly string[];
      /** Of each new language the old one that it starts as a copy of. */
      readonly twins: readonly string[];
      readonly parameters: readonly ParameterInfo[];
      readonly capabilities: Capabilities;
      readonly files: {
        readonly train: number;
        readonly validation: number;
        readonly test: number;
      };
      readonly defaults: {
        readonly steps: number;
        readonly seed: number;
        readonly batch: number;
        readonly evaluateEvery: number;
        /** Digest of `npm start`, in every engine. */
        readonly expectedDigest: string;
      };
    }
  /** "evaluated" for both splits at step 0 follows "ready", "classes" (but for load) and reset. */
  /** Sent after addClass, removeClass and load: languages and parameters have changed. */
  | {
      readonly type: "classes";
      readonly added: readonly AddedClass[];
      readonly languages: readonly string[];
      readonly newLanguages: readonly string[];
      readonly parameters: readonly ParameterInfo[];
    }
  /** threads: those of the run; 0 when idle. */
  | {
      readonly type: "state";
      readonly state: State;
      readonly step: number;
      readonly steps: number;
      readonly threads: number;
    }
  | ({
      readonly type: "step";
      readonly steps: number;
      /** Rate that this step took, the layer's share included. */
      readonly rates: readonly ParameterRate[];
    } & StepFigures)
  | ({ readonly type: "evaluated" } & EvaluationFigures)
  | {
      readonly type: "classified";
      readonly id: number;
      /** The most probable first, five of them. */
      readonly top: readonly { readonly language: string; readonly probability: number }[];
      /** Steps done by the weights that were asked. */
      readonly step: number;
    }
  /** digest: of the weights in the file. */
  | {
      readonly type: "saved";
      readonly name: string;
      readonly blob: Blob;
      readonly digest: string;
      readonly step: number;
    }
  /** "classes" and "state" have been sent before it. The figures replace the page's own. */
  | {
      readonly type: "loaded";
      readonly step: number;
      readonly steps: number;
      readonly seed: number;
      /** Of the weights, checked against the one that the file was saved with. */
      readonly digest: string;
      readonly history: readonly StepFigures[];
      readonly evaluations: readonly EvaluationFigures[];
      /** As the run was started; plain JavaScript goes on from the weights and moments in the file. */
      readonly plainJs: boolean;
    }
  | {
      readonly type: "done";
      readonly digest: string;
      /** Null where nobody knows it: other steps or seed, or classes added. */
      readonly expectedDigest: string | null;
      readonly same: boolean | null;
      /** Largest distance between a weight and plain JavaScript's, which began with the run or with
       * the file; null where that took no step. */
      readonly plainJsDistance: number | null;
    }
  /** doing: the message that failed ("load", "addClass", ...), or "loading" before "ready". */
  | {
      readonly type: "error";
      readonly message: string;
      readonly doing: ToWorker["type"] | "loading" | "training";
    };
