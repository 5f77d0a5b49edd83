/** Stands in for `node:crypto` in the browser build. The dashboard reads ids, it never makes one: a call is a bug. */
export function createHash(): never {
  throw new Error('The dashboard makes no ids: ask the API.');
}
