/** Something that a person can mend: its message is all that is printed. */
export class ToolError extends Error {}

/** A wrong command line: the usage is printed too. */
export class UsageError extends ToolError {}
