/** Throws where the value is another than expected, saying both. */
export function expect(what, value, expected) {
  if (JSON.stringify(value) === JSON.stringify(expected)) return;
  throw new Error(`${what}: expected ${JSON.stringify(expected)}, received ${JSON.stringify(value)}`);
}
