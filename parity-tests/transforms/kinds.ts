/** What is taken of every operation that it can be taken of. */
export const KINDS = ['vjp', 'second-vjp', 'jvp', 'vmap', 'compile'] as const;
export type Kind = (typeof KINDS)[number];
