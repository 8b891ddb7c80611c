/** Teaches native transforms the operations of MLX that are not ported. */
import { registry } from '../runtime.ts';
import { convolveRules } from './convolve.ts';
import { kronRules } from './kron.ts';

registry.setRules('kron', kronRules);
registry.setRules('convolve', convolveRules);
