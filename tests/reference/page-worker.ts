// First, as the package looks at once for where it is.
import "./page-scope.ts";
import "../../src/core/threads/worker.ts";
