/**
 * Whether it is a list of at most so many items. One that only claims to be longer would be walked for minutes, or end the
 * process for want of memory.
 */
export function isListUpTo(most: number, value: unknown): value is unknown[] {
  return Array.isArray(value) && value.length <= most;
}

/** Whether it is a list whose items all are what `isOne` says, holes among them. */
export function isListOf<T>(most: number, value: unknown, isOne: (item: unknown) => item is T): value is T[] {
  if (!isListUpTo(most, value)) return false;
  // Not `every`, which passes over holes.
  for (const item of value) if (!isOne(item)) return false;
  return true;
}
