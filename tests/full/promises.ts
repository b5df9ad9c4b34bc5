/** What ashlar promises, and which files of the suite hold it to that. */
export interface Promised {
  readonly id: string;
  /** One sentence. */
  readonly says: string;
  /** Test files without `.test.js`, below tests/; `*` stands for the rest of a name. */
  readonly files: readonly string[];
}

/** In the order of docs/reliability-report.md. */
export const PROMISES: readonly Promised[] = [
  {
    id: "P1",
    says: "The same finite inputs give the same bits: in any engine, on any number of threads, with either core, for any partition",
    files: ["proof", "without-simd/proof", "proof-script*", "threads", "engines"],
  },
  {
    id: "P2",
    says: "The vector core, the scalar core and the plain reference agree in every bit",
    files: [
      "kernel*",
      "half",
      "reduce",
      "metrics",
      "without-simd/*",
      "step-model",
      "properties-reference",
    ],
  },
  {
    id: "P3",
    says: "Each member of the family means what its origin means",
    files: [
      "torch-accuracy",
      "adamw-dl*",
      "decoupled-adamw*",
      "mindformers-adamw*",
      "gradients-clip",
      "schedules-*",
    ],
  },
  {
    id: "P4",
    says: "The bias correction is right for ever",
    files: ["bias-corrections", "ipow", "numbers*"],
  },
  {
    id: "P5",
    says: "Clipping does not depend on how the model is cut",
    files: ["reduce", "clip-step", "properties-clip", "properties-layout"],
  },
  {
    id: "P6",
    says: "A gradient that is not finite refuses the whole step, and is named",
    files: ["non-finite*", "without-simd/non-finite*"],
  },
  {
    id: "P7",
    says: "Empty parameters, scalars and absent gradients are ordinary",
    files: ["absent-gradients", "step-model"],
  },
  {
    id: "P8",
    says: "Bad options never start",
    files: [
      "bad-input-*",
      "*-option-errors",
      "adamw-dl-errors",
      "decoupled-adamw-errors",
      "mindformers-adamw*errors",
    ],
  },
  {
    id: "P9",
    says: "An error leaves the state as it was; every branch of src/ is reached",
    files: ["properties-refusal", "properties-junk*", "*-errors"],
  },
  {
    id: "P10",
    says: "Going on from a checkpoint is exact",
    files: ["checkpoint-resume", "language-detector-resume", "checkpoint-state"],
  },
  {
    id: "P11",
    says: "A checkpoint's state follows the names, not the order",
    files: ["checkpoint-parameters", "checkpoint-overrides", "properties-checkpoint"],
  },
  {
    id: "P12",
    says: "A save is all or nothing",
    files: ["save-crash", "save-kills", "save-errors", "save-temporaries", "save-path"],
  },
  {
    id: "P13",
    says: "A damaged file is always noticed",
    files: ["checkpoint-file*", "safetensors-*", "crc32", "bin-inspect-damage"],
  },
  { id: "P14", says: "Old checkpoints load for ever", files: ["checkpoint-old-files"] },
  { id: "P15", says: "Nothing leaks", files: ["leaks", "dispose", "allocation"] },
  { id: "P16", says: "Growing is safe", files: ["growing", "add-parameters", "heap-*"] },
  {
    id: "P17",
    says: "Large slabs compute as small ones",
    files: ["large-slabs", "checkpoint-large", "plan"],
  },
  {
    id: "P18",
    says: "Running out of memory is an error, not a death",
    files: ["refused-memory", "halved-slabs", "save-memory"],
  },
  {
    id: "P19",
    says: "A worker that dies is reported",
    files: ["worker-faults*", "poisoned", "orphans"],
  },
  {
    id: "P20",
    says: "Without shared memory or workers it still works",
    files: ["without-threads", "without-simd"],
  },
  {
    id: "P21",
    says: "Misuse is named",
    files: ["misuse-*", "checkpoint-busy", "set-weights", "ledger-open"],
  },
  {
    id: "P22",
    says: "The binary is what the documents say",
    files: ["core-binary", "abi-doc", "conformance"],
  },
  { id: "P23", says: "The tests can fail", files: ["runner", "mutants-script"] },
  { id: "P24", says: "Long runs end where short ones do", files: ["soak", "operations"] },
];
