import assert from 'node:assert/strict';

/** Checks that are printed as they are made. What one throws fails it alone. */
export class Checks {
  #failed = 0;

  get failed(): number {
    return this.#failed;
  }

  /** @param make what is shown beside the name, once it is as it should be */
  async check(name: string, make: () => Promise<string>): Promise<void> {
    const start = performance.now();
    try {
      const shown = await make();
      const seconds = ((performance.now() - start) / 1000).toFixed(1);
      console.log(`  ok      ${name} (${seconds} s): ${shown.replaceAll('\n', ' ').slice(0, 90)}`);
    } catch (error) {
      this.#failed++;
      console.log(`  FAILED  ${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** A request that has to be refused. */
  async refused(name: string, request: () => Promise<unknown>, status: number, code: string): Promise<void> {
    await this.check(name, async () => {
      await assert.rejects(request(), { status, code });
      return `${status} ${code}`;
    });
  }
}
