import { HOSTILE } from '../../fuzz/hostile.ts';
import type { Random } from '../../fuzz/random.ts';
import { registry } from '../../mlx/index.ts';
import { type Operation, qualifiedName } from '../../registry/operation.ts';
import type { Parameter } from '../../registry/parameters.ts';
import { valueOf } from './hostile-values.ts';

/** One call of an operation with arguments that mostly make no sense, and how to run it. */
export interface HostileCall {
  readonly text: string;
  run(): unknown;
}

const { absent, booleans, integers, floats, bigints, complex, texts, lists, arrays } = HOSTILE;
const { axes, pairs, shapes, indices, indexLists, slices, dtypes } = HOSTILE;

const NUMBERS = [...integers, ...floats, '1099511627776'];
const AXES = [...integers, '2147483647'];
const SCALARS = [...integers, ...floats, ...bigints, ...booleans, ...complex];
const INDEX_PARTS = [...indexLists, ...slices.map((slice) => `[${slice}]`)];
const ANYTHING = [...absent, ...booleans, ...bigints, ...integers, ...texts, ...lists, ...shapes, '({})'];

export function hostileCall(operation: Operation, random: Random): HostileCall {
  const tensor = () => random.pick(arrays);
  const argument = ({ kind, nullable, choices }: Parameter): string => {
    if (nullable && random.chance(0.3)) return 'null';
    // Now and then what belongs to another parameter.
    if (random.chance(0.1)) return random.pick(ANYTHING);
    switch (kind) {
      case 'array':
        return tensor();
      case 'operand':
      case 'value':
        return random.chance(0.6) ? tensor() : random.pick(SCALARS);
      case 'indices':
        return random.pick([...indices, '0', '-1', '0.5']);
      case 'arrays':
        return `[${random.list(2, tensor).join(', ')}]`;
      case 'key':
        return random.pick(['null', 'mx.random.key(1)', tensor()]);
      case 'int':
        return random.pick(integers);
      case 'axis':
        return random.pick(AXES);
      case 'axes':
      case 'ints':
        return random.pick([random.pick(AXES), ...axes]);
      case 'float':
      case 'number':
        return random.pick(NUMBERS);
      case 'bool':
        return random.pick(booleans);
      case 'string':
        return choices === undefined ? random.pick(texts) : JSON.stringify(random.pick(choices));
      case 'shape':
        return random.pick(shapes);
      case 'pair':
        return random.pick([...pairs, '0', '1', '-1', '2147483647']);
      case 'dtype':
        return random.pick(dtypes);
      case 'index':
        return random.pick(INDEX_PARTS);
      default:
        return random.chance(0.5) ? random.pick(ANYTHING) : tensor();
    }
  };
  const name = qualifiedName(operation);
  const args = operation.parameters.filter(({ keywordOnly }) => !keywordOnly).map(argument);
  return { text: `${name}(${args.join(', ')})`, run: () => registry.call(name, ...args.map(valueOf)) };
}
