import { AshlarError, show } from "../../errors.ts";
import { decodeText } from "./c-text.ts";
import type { Koffi, NativeLibrary } from "./koffi.ts";

/** What MPI_Get_library_version begins with. */
const OPEN_MPI = "Open MPI";
/** MPI_MAX_LIBRARY_VERSION_STRING of Open MPI is 256, of MPICH 8192. */
const VERSION_BYTES = 8192;

/**
 * Where Open MPI's library lies, by platform: its own name first, which the loader looks up, also in
 * the folders that mpirun of the same installation names. MPICH's is last, to say that it is no use.
 */
const CANDIDATES: Readonly<Record<string, readonly string[]>> = {
  linux: [
    "libmpi.so.40",
    "/usr/lib64/openmpi/lib/libmpi.so.40",
    "/usr/local/lib/libmpi.so.40",
    "/opt/openmpi/lib/libmpi.so.40",
    "libmpi.so",
    "libmpi.so.12",
  ],
  darwin: [
    "libmpi.40.dylib",
    "/opt/homebrew/lib/libmpi.40.dylib",
    "/usr/local/lib/libmpi.40.dylib",
    "/opt/local/lib/openmpi-mp/libmpi.40.dylib",
  ],
};

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
      // Global: the plug-ins that it loads find its symbols there.
      const library = koffi.load(candidate, { global: true, lazy: true });
      return requireOpenMpi(library, candidate);
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

/** MPI fixes no ABI: handles and constants of one library mean nothing to another. */
function requireOpenMpi(library: NativeLibrary, path: string): NativeLibrary {
  const text = new Uint8Array(VERSION_BYTES);
  library.func("MPI_Get_library_version", "int", ["void *", "void *"])(text, new Int32Array(1));
  const version = decodeText(text);
  if (version.startsWith(OPEN_MPI)) return library;
  throw new AshlarError(
    "NOT_READY",
    `${path}: expected Open MPI, got ${show(version.split("\n", 1)[0])}, whose ABI is another one. ${INSTALL} beside it; "library" of the options names it`,
  );
}
