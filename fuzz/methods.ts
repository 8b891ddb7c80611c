import { core as mx } from '../mlx/index.ts';

const members = Object.getOwnPropertyDescriptors(mx.array.prototype);

/** The methods of an array. */
export const METHODS: readonly string[] = Object.keys(members).filter(
  (name) => name !== 'constructor' && typeof members[name as keyof typeof members]?.value === 'function',
);
const methods = new Set(METHODS);
export const isMethod = (name: string): boolean => methods.has(name);

/** What waits for other processes, or makes threads that nothing ends. */
const LEFT_OUT = new Set(['distributed.init', 'newStream']);

function functionsOf(owner: object, prefix: string): string[] {
  return Object.entries(owner).flatMap(([name, value]) => {
    const path = `${prefix}${name}`;
    if (LEFT_OUT.has(path)) return [];
    if (typeof value === 'function') return [path];
    const isNamespace =
      value !== null && typeof value === 'object' && Object.prototype.toString.call(value) === '[object Module]';
    return isNamespace ? functionsOf(value, `${path}.`) : [];
  });
}

/** Every function of `mx` by its path, classes and operations among them. */
export const FUNCTIONS: readonly string[] = functionsOf(mx, '');
