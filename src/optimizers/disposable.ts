/**
 * Lets `using` dispose what a class makes.
 *
 * @param symbol Symbol.dispose; undefined in engines that have none, where a computed key would make
 *   a method called "undefined"
 */
export function disposable(prototype: { dispose(): void }, symbol: symbol | undefined): void {
  if (symbol === undefined) return;
  Object.defineProperty(prototype, symbol, {
    value(this: { dispose(): void }) {
      this.dispose();
    },
    configurable: true,
    writable: true,
  });
}
