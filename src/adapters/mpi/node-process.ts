/** What this adapter needs of Node's `process`. */
export interface NodeProcess {
  readonly platform: string;
  readonly pid: number;
  readonly env: Readonly<Record<string, string | undefined>>;
  kill(pid: number, signal: 0): boolean;
  on(event: "exit" | "SIGTERM", listener: (code: number) => void): unknown;
  off(event: "exit" | "SIGTERM", listener: (code: number) => void): unknown;
  listenerCount(event: "SIGTERM"): number;
  exit(code: number): void;
}
