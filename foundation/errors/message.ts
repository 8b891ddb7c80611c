/** What a thrown value says: an error's message, anything else as text. Never throws, whatever was thrown. */
export function messageOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? thrown.message : String(thrown);
  } catch {
    // A proxy, or an object that has no text.
    return 'what was thrown cannot be read';
  }
}
