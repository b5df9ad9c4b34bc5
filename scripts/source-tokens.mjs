// Reads a TypeScript or AssemblyScript source as tokens, with TypeScript's own scanner, so that
// checks never trip over comments, strings or regular expressions.

import { createScanner, SyntaxKind } from "typescript/unstable/ast";

/**
 * @typedef {object} Token
 * @property {SyntaxKind} kind
 * @property {string} text   as written
 * @property {string} value  a string's contents; the text of all others
 * @property {number} line   counted from 1
 */

/**
 * @typedef {object} Import
 * @property {string | undefined} specifier  undefined for import(expression)
 * @property {boolean} typeOnly              `import type` or `export type ... from`
 * @property {number} line
 */

// After one of these a slash divides; after anything else it opens a regular expression. (An `if
// (x) /re/` would be misread; the formatter's braces keep us from writing it.)
const ENDS_OPERAND = new Set([
  SyntaxKind.Identifier,
  SyntaxKind.PrivateIdentifier,
  SyntaxKind.NumericLiteral,
  SyntaxKind.BigIntLiteral,
  SyntaxKind.StringLiteral,
  SyntaxKind.NoSubstitutionTemplateLiteral,
  SyntaxKind.TemplateTail,
  SyntaxKind.RegularExpressionLiteral,
  SyntaxKind.CloseParenToken,
  SyntaxKind.CloseBracketToken,
  SyntaxKind.CloseBraceToken,
  SyntaxKind.ThisKeyword,
  SyntaxKind.SuperKeyword,
  SyntaxKind.TrueKeyword,
  SyntaxKind.FalseKeyword,
  SyntaxKind.NullKeyword,
  SyntaxKind.PlusPlusToken,
  SyntaxKind.MinusMinusToken,
]);

/** @param {SyntaxKind | undefined} kind */
function endsOperand(kind) {
  // Words such as `from` and `type` are names almost everywhere.
  return kind !== undefined && (ENDS_OPERAND.has(kind) || kind > SyntaxKind.LastReservedWord);
}

/**
 * @param {string} source
 * @returns {Token[]}
 */
export function tokensOf(source) {
  const scanner = createScanner(true, undefined, source);
  const tokens = /** @type {Token[]} */ ([]);
  // Depth of braces at which each open template literal goes on.
  const templates = /** @type {number[]} */ ([]);
  let depth = 0;
  let line = 1;
  let counted = 0;
  for (;;) {
    let kind = scanner.scan();
    if (kind === SyntaxKind.EndOfFile) return tokens;
    const before = tokens.at(-1)?.kind;
    if (kind === SyntaxKind.SlashToken || kind === SyntaxKind.SlashEqualsToken) {
      if (!endsOperand(before)) kind = scanner.reScanSlashToken();
    } else if (kind === SyntaxKind.CloseBraceToken && templates.at(-1) === depth) {
      kind = scanner.reScanTemplateToken(false);
      if (kind === SyntaxKind.TemplateTail) templates.pop();
    } else if (kind === SyntaxKind.TemplateHead) templates.push(depth);
    else if (kind === SyntaxKind.OpenBraceToken) depth++;
    else if (kind === SyntaxKind.CloseBraceToken) depth--;

    const start = scanner.getTokenStart();
    for (; counted < start; counted++) if (source[counted] === "\n") line++;
    const isString = kind === SyntaxKind.StringLiteral;
    const text = scanner.getTokenText();
    tokens.push({ kind, text, value: isString ? scanner.getTokenValue() : text, line });
  }
}

/**
 * Every import of a source: static, re-export, dynamic, and import("...") in a type.
 * @param {Token[]} tokens
 * @returns {Import[]}
 */
export function importsOf(tokens) {
  const found = /** @type {Import[]} */ ([]);
  tokens.forEach(({ kind, line }, i) => {
    const isImport = kind === SyntaxKind.ImportKeyword;
    if (!(isImport || kind === SyntaxKind.ExportKeyword) || tokens[i - 1]?.text === ".") return;
    const next = tokens[i + 1];
    if (isImport && next?.text === "(") {
      const specifier = stringAt(tokens, i + 2);
      found.push({ specifier, typeOnly: false, line });
    } else if (isImport && next?.kind === SyntaxKind.StringLiteral) {
      found.push({ specifier: next.value, typeOnly: false, line });
    } else {
      const specifier = fromClause(tokens, i + 1);
      const after = tokens[i + 2]?.text;
      const typeOnly = next?.text === "type" && after !== "from" && after !== ",";
      if (specifier !== undefined) found.push({ specifier, typeOnly, line });
    }
  });
  return found;
}

/**
 * @param {Token[]} tokens
 * @param {number} i
 */
function stringAt(tokens, i) {
  return tokens[i]?.kind === SyntaxKind.StringLiteral ? tokens[i].value : undefined;
}

/**
 * The specifier of an import or export clause that starts at token `i`: names, braces, commas and
 * stars up to `from "specifier"`. Undefined for an export without one.
 * @param {Token[]} tokens
 * @param {number} i
 */
function fromClause(tokens, i) {
  for (; i < tokens.length; i++) {
    const { kind, text } = tokens[i];
    if (kind === SyntaxKind.FromKeyword && tokens[i + 1]?.kind === SyntaxKind.StringLiteral) {
      return tokens[i + 1].value;
    }
    const isName = kind >= SyntaxKind.Identifier || kind === SyntaxKind.StringLiteral;
    if (!isName && !["{", "}", ",", "*"].includes(text)) return undefined;
  }
  return undefined;
}
