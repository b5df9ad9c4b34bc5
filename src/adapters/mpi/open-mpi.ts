import { decodeText } from "./c-text.ts";
import type { NativeFunction, NativeLibrary } from "./koffi.ts";

const POINTER = "void *";
const INT = "int";

/** The functions that are called, and their parameters, as in mpi.h of Open MPI 4 and 5. */
const SIGNATURES = {
  MPI_Init_thread: [POINTER, POINTER, INT, POINTER],
  MPI_Initialized: [POINTER],
  MPI_Finalized: [POINTER],
  MPI_Finalize: [],
  MPI_Abort: [POINTER, INT],
  MPI_Comm_rank: [POINTER, POINTER],
  MPI_Comm_size: [POINTER, POINTER],
  MPI_Comm_set_errhandler: [POINTER, POINTER],
  MPI_Error_string: [INT, POINTER, POINTER],
  MPI_Get_processor_name: [POINTER, POINTER],
  MPI_Allgather: [POINTER, INT, POINTER, POINTER, INT, POINTER, POINTER],
  MPI_Allgatherv: [POINTER, INT, POINTER, POINTER, POINTER, POINTER, POINTER, POINTER],
  MPI_Allreduce: [POINTER, POINTER, INT, POINTER, POINTER, POINTER],
  MPI_Reduce: [POINTER, POINTER, INT, POINTER, POINTER, INT, POINTER],
  MPI_Bcast: [POINTER, INT, POINTER, INT, POINTER],
  MPI_Isend: [POINTER, INT, POINTER, INT, INT, POINTER, POINTER],
  MPI_Irecv: [POINTER, INT, POINTER, INT, INT, POINTER, POINTER],
  MPI_Waitall: [INT, POINTER, POINTER],
} as const;

export type MpiFunction = keyof typeof SIGNATURES;

/** MPI_IN_PLACE. */
export const IN_PLACE = 1n;
/** MPI_THREAD_SERIALIZED: calls from any thread, one at a time. */
export const SERIALIZED = 2;
/** MPI_MAX_ERROR_STRING and MPI_MAX_PROCESSOR_NAME. */
export const TEXT_BYTES = 256;

/** Open MPI's functions, and its handles: addresses of variables of its library. */
export interface OpenMpi {
  readonly functions: Readonly<Record<MpiFunction, NativeFunction>>;
  /** MPI_COMM_WORLD. */
  readonly world: bigint;
  /** MPI_BYTE. */
  readonly byte: bigint;
  /** MPI_FLOAT. */
  readonly float: bigint;
  /** MPI_DOUBLE. */
  readonly double: bigint;
  /** MPI_SUM. */
  readonly sum: bigint;
  /** MPI_ERRORS_RETURN. */
  readonly errorsReturn: bigint;
}

/** Looks up what is needed. */
export function bindOpenMpi(library: NativeLibrary): OpenMpi {
  const functions = Object.fromEntries(
    Object.entries(SIGNATURES).map(([name, parameters]) => [
      name,
      library.func(name, INT, parameters),
    ]),
  ) as Record<MpiFunction, NativeFunction>;
  return {
    functions,
    world: library.symbol("ompi_mpi_comm_world"),
    byte: library.symbol("ompi_mpi_byte"),
    float: library.symbol("ompi_mpi_float"),
    double: library.symbol("ompi_mpi_double"),
    sum: library.symbol("ompi_mpi_op_sum"),
    errorsReturn: library.symbol("ompi_mpi_errors_return"),
  };
}

/** What MPI says of an error code. */
export function errorText({ functions }: OpenMpi, code: number): string {
  const text = new Uint8Array(TEXT_BYTES);
  functions.MPI_Error_string(code, text, new Int32Array(1));
  return decodeText(text);
}
