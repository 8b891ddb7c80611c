/** Teaches native transforms the operations of MLX that are not ported. */
import { qualifiedName } from '../../registry/operation.ts';
import type { CatalogueRules, Rules } from '../../registry/rules.ts';
import { registry } from '../runtime.ts';
import { convolveRules } from './convolve.ts';
import { kronRules } from './kron.ts';

const RULES: Readonly<Record<CatalogueRules, Rules>> = { convolve: convolveRules, kron: kronRules };

for (const operation of registry.all()) {
  if (operation.rules !== undefined) registry.setRules(qualifiedName(operation), RULES[operation.rules]);
}
