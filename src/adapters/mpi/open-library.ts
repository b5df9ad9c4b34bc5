import { AshlarError, show } from "../../errors.ts";
import { decodeText } from "./c-text.ts";
import type { Koffi, NativeLibrary } from "./koffi.ts";

/** What MPI_Get_library_version begins with. */
const OPEN_MPI = "Open MPI";
/** MPI_MAX_LIBRARY_VERSION_STRING of Open MPI is 256, of MPICH 8192. */
const VERSION_BYTES = 8192;

/**
 * Where Open MPI's library lies, by platform: its own name first, which the loader looks up, also in
 * the folders that mpirun of the same installation names. MPICH's are last, to say that they are no use.
 */
const CANDIDATES: Readonly<Record<string, readonly string[]>> = {
  linux: [
    "libmpi.so.40",
    "/usr/lib64/openmpi/lib/libmpi.so.40",
    "/usr/local/lib/libmpi.so.40",
    "/opt/openmpi/lib/libmpi.so.40",
    "libmpi.so",
    "libmpi.so.12",
    "libmpich.so.12",
  ],
  darwin: [
    "libmpi.40.dylib",
    "/opt/homebrew/lib/libmpi.40.dylib",
    "/usr/local/lib/libmpi.40.dylib",
    "/opt/local/lib/openmpi-mp/libmpi.40.dylib",
  ],
};

/** Global: the plug-ins that Open MPI loads find its symbols there. */
const OPTIONS = { global: true, lazy: true };
const RTLD_LAZY = 1;

const INSTALL =
  "`apt-get install openmpi-bin` (Debian, Ubuntu), `dnf install openmpi` or `brew install open-mpi` installs it";

/**
 * Opens Open MPI's library.
 *
 * @param path     the user's own; otherwise the places of this platform
 * @param platform as in process.platform
 * @throws AshlarError NOT_READY where there is none, or one of another ABI
 */
export function openLibrary(
  koffi: Koffi,
  path: string | undefined,
  platform: string,
): NativeLibrary {
  const candidates = path === undefined ? (CANDIDATES[platform] ?? []) : [path];
  const tried: string[] = [];
  for (const candidate of candidates) {
    try {
      const library = requireOpenMpi(koffi.load(candidate, OPTIONS), candidate);
      keepLoaded(koffi, candidate);
      return library;
    } catch (error) {
      if (error instanceof AshlarError) throw error;
      tried.push(`${candidate}: ${(error as Error).message}`);
    }
  }
  const none = `there are no places known to look in on ${platform}`;
  throw new AshlarError(
    "NOT_READY",
    `Open MPI's library cannot be opened (${tried.length > 0 ? tried.join("; ") : none}). ${INSTALL}; "library" of the options names one that lies elsewhere`,
  );
}

/**
 * koffi closes its libraries at the end of the process, before the threads of libuv's pool end; these
 * then run what Open MPI has left them for their end (its TCP transport does), code that is gone: the
 * process would die of a segmentation fault. So it is opened once more, and that is never closed.
 */
function keepLoaded(koffi: Koffi, path: string): void {
  koffi.load(null, OPTIONS).func("dlopen", "void *", ["str", "int"])(path, RTLD_LAZY);
}

/** MPI fixes no ABI: handles and constants of one library mean nothing to another. */
function requireOpenMpi(library: NativeLibrary, path: string): NativeLibrary {
  const text = new Uint8Array(VERSION_BYTES);
  library.func("MPI_Get_library_version", "int", ["void *", "void *"])(text, new Int32Array(1));
  const version = decodeText(text);
  if (version.startsWith(OPEN_MPI)) return library;
  throw new AshlarError(
    "NOT_READY",
    `${path}: expected Open MPI, got ${show(version.split("\n", 1)[0])}, whose ABI is another one. ${INSTALL}; "library" of the options names it`,
  );
}
