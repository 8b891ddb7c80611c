/** What the addon reports of a group: its number, this process's rank in it, its size. */
export type GroupFacts = [number: number, rank: number, size: number];

/** The addon's part in MLX's groups of processes. */
export interface GroupFunctions {
  initGroup(strict: boolean, backend: string, timeoutMs: number): GroupFacts;
  splitGroup(number: number, color: number, key: number): GroupFacts;
  groupIsAvailable(backend: string): boolean;
}
