import { typesIn } from './types.ts';

export const NOTICE = '// Written by `npm run generate` from registry/catalogue. Do not edit.';

/** The import of the types that a generated file mentions; `root` leads to `mlx`. */
export function typeImport(body: string, root: string): string {
  return `import type { ${typesIn(body).join(', ')} } from '${root}/types.ts';`;
}
