/**
 * For a value that is refused: a promise, or a list with some, that nobody will wait for. Its rejection would otherwise
 * end the process, which has been told of the mistake already.
 */
export function disregard(value: unknown): void {
  if (value instanceof Promise) value.catch(() => undefined);
  else if (Array.isArray(value)) for (const item of value) if (item instanceof Promise) item.catch(() => undefined);
}
