// What a browser lets the page do, and nothing else. No eval, no inline code, no other origin.

/** Rules of the content security policy. */
export const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self'",
  "connect-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
];

/**
 * The policy of a page that talks to a server of another origin, too.
 * @param {string} origins  as "ws: wss:"
 */
export const policyWith = (origins) =>
  POLICY.map((rule) => (rule.startsWith("connect-src ") ? `${rule} ${origins}` : rule));
