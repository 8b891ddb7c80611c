/** What the promise was rejected with. */
export async function rejection(
  promise: PromiseLike<unknown>,
): Promise<Error & { pythonClass?: string; traceback?: string }> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('expected a rejection');
}
