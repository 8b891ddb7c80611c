import fc from 'fast-check';
import type { Operation } from '../../registry/operation.ts';
import type { Generator } from '../../registry/sample.ts';
import type { Given, ParameterValues, TensorRecipe } from '../call.ts';
import { dtypesFor } from './dtypes.ts';
import { matrixGenerators } from './matrices.ts';
import { withRest } from './parameters.ts';
import { weakComplex, weakNumber } from './scalars.ts';
import { broadcastPartners, type ShapeLimits, shapes } from './shapes.ts';
import { SPECIAL } from './special/index.ts';
import { anyTensor, tensor } from './tensors.ts';

export type ArgumentsFor = (operation: Operation) => fc.Arbitrary<ParameterValues>;

const TENSOR_KINDS = ['array', 'operand'];

/** How many parameters at the front take tensors. */
function leadingTensors({ parameters }: Operation): number {
  const end = parameters.findIndex((parameter) => !TENSOR_KINDS.includes(parameter.kind));
  return end === -1 ? parameters.length : end;
}

function oneTensor(limits: ShapeLimits): ArgumentsFor {
  return (operation) =>
    anyTensor(operation.sample, limits).chain((first) => withRest(operation, [first], first.shape.length));
}

/** Operands broadcast together; now and then one of them is a weak number, or null where it may be. */
const broadcast: ArgumentsFor = (operation) => {
  const { sample, parameters } = operation;
  const count = leadingTensors(operation);
  return fc.tuple(shapes(), dtypesFor(count, sample.dtypes), fc.nat(7)).chain(([target, dtypes, weak]) =>
    broadcastPartners(target, count)
      .chain((partners) => {
        const operands = partners.map((shape, i): fc.Arbitrary<Given> => {
          const parameter = parameters[i];
          const dtype = dtypes[i] ?? dtypes[0];
          if (dtype === undefined || parameter === undefined) throw new TypeError('more operands than parameters');
          if (parameter.kind === 'operand' && weak === i) {
            const beside = dtypes[i === 0 ? 1 : 0] ?? dtype;
            if (parameter.nullable) return fc.oneof(fc.constant(null), weakNumber(beside));
            return sample.dtypes === 'all' && sample.values === 'any' ? weakComplex(beside) : weakNumber(beside);
          }
          return tensor(shape, dtype, sample.values);
        });
        return fc.tuple(...operands);
      })
      .chain((operands) => withRest(operation, operands, target.length)),
  );
};

const sameShape: ArgumentsFor = (operation) => {
  const { sample } = operation;
  const count = leadingTensors(operation);
  return fc
    .tuple(shapes({ minRank: 1 }), dtypesFor(count, sample.dtypes))
    .chain(([shape, dtypes]) =>
      fc
        .tuple(...dtypes.map((dtype) => tensor(shape, dtype, sample.values)))
        .chain((tensors) => withRest(operation, tensors, shape.length)),
    );
};

/** Tensors that agree but along one axis; joined along it, or flattened. */
const list: ArgumentsFor = (operation) => {
  const { sample } = operation;
  return fc.tuple(shapes({ minRank: 1, maxRank: 3 }), fc.integer({ min: 1, max: 4 })).chain(([shape, count]) => {
    const rank = shape.length;
    const sizes = fc.array(fc.nat(4), { minLength: count, maxLength: count });
    return fc
      .tuple(fc.nat(rank - 1), sizes, fc.nat(3), dtypesFor(count, sample.dtypes))
      .chain(([axis, along, form, dtypes]) => {
        const tensors: fc.Arbitrary<TensorRecipe>[] = dtypes.map((dtype, i) =>
          tensor(
            shape.map((size, j) => (j === axis ? (along[i] ?? 1) : size)),
            dtype,
            sample.values,
          ),
        );
        const given = form === 0 ? null : form === 1 ? axis - rank : axis;
        return fc.tuple(...tensors).map((joined): ParameterValues => [joined, given]);
      });
  });
};

/** Every generator that a row may name. */
export const GENERATORS: Readonly<Record<Exclude<Generator, 'none'>, ArgumentsFor>> = {
  parameters: (operation) => withRest(operation, [], 2),
  tensor: oneTensor({}),
  filled: oneTensor({ minRank: 1, minSize: 1 }),
  broadcast,
  'same-shape': sameShape,
  list,
  ...matrixGenerators,
  ...SPECIAL,
};
