import { IDEAS } from "./ideas.ts";

export const README_FILE = "README.md";

const ABOUT = `# Attacks

Files that must be refused, each with the reason in the table (\`CheckpointError.reason\`). Each is a
valid checkpoint of two parameters, or a small safetensors file, but for one thing: where the check
that it is made for comes after that of the header's CRC-32, the CRC is right.

\`ideas*.ts\` make the files, and \`node dist/tests/attacks/make.js\` writes them and this page;
\`tests/checkpoint-file-attacks.test.ts\` compares all three and loads each file.
`;

/** The README of the folder. */
export function readmeText(): string {
  const rows = IDEAS.map(
    ({ name, attempts, reason }) => `| ${name}.safetensors | ${attempts} | ${reason} |`,
  );
  return [ABOUT, "| file | attempts | refused as |", "|---|---|---|", ...rows, ""].join("\n");
}
