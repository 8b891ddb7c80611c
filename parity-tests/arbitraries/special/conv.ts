import fc from 'fast-check';
import type { Dtype } from '../../../foundation/values/dtypes.ts';
import type { Operation } from '../../../registry/operation.ts';
import { type Given, OMITTED, type ParameterValues } from '../../call.ts';
import { anyDtype, dtypesFor } from '../dtypes.ts';
import { tensor } from '../tensors.ts';
import { maybe, nats, type SpecialGenerators, values } from './tools.ts';

interface Plan {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
  readonly spatial: readonly number[];
  readonly groups: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly batch: number;
}

/** Sizes that fit together: the padded input covers the dilated kernel. */
function plans(axes: number): fc.Arbitrary<Plan> {
  const each = (max: number, min: number) => nats(axes, max, min);
  return fc
    .record({
      kernel: each(3, 1),
      stride: each(3, 1),
      padding: each(2, 0),
      dilation: each(2, 1),
      spare: each(axes === 3 ? 2 : 4, 0),
      groups: fc.integer({ min: 1, max: 2 }),
      channels: nats(2, 3, 1),
      batch: fc.integer({ min: 1, max: 2 }),
    })
    .map(({ spare, channels: [inputs = 1, outputs = 1], groups, ...plan }) => ({
      ...plan,
      groups,
      spatial: plan.kernel.map((size, i) => {
        const reach = (size - 1) * (plan.dilation[i] ?? 1) + 1;
        return Math.max(reach - 2 * (plan.padding[i] ?? 0), 1) + (spare[i] ?? 0);
      }),
      inputs: inputs * groups,
      outputs: outputs * groups,
    }));
}

/** One number where all are alike, now and then; a single axis takes nothing else. */
function brief(list: readonly number[], oneNumber: boolean): Given {
  const same = list.every((item) => item === list[0]);
  return same && oneNumber ? list[0] : list;
}

function operands({ sample }: Operation, plan: Plan) {
  const { batch, spatial, inputs, outputs, kernel, groups } = plan;
  return anyDtype(sample.dtypes).chain((dtype) =>
    fc.tuple(
      tensor([batch, ...spatial, inputs], dtype, sample.values),
      tensor([outputs, ...kernel, inputs / groups], dtype, sample.values),
    ),
  );
}

function conv(axes: number, transposed: boolean) {
  return (operation: Operation): fc.Arbitrary<ParameterValues> =>
    plans(axes).chain((plan) =>
      fc.tuple(operands(operation, plan), fc.boolean()).map(([given, drawn]): ParameterValues => {
        const short = axes === 1 || drawn;
        const outputPadding = plan.stride.map((stride) => stride - 1);
        return [
          ...given,
          brief(plan.stride, short),
          brief(plan.padding, short),
          brief(plan.dilation, short),
          ...(transposed ? [drawn ? OMITTED : brief(outputPadding, axes === 1)] : []),
          plan.groups,
        ];
      }),
    );
}

const general = (operation: Operation): fc.Arbitrary<ParameterValues> =>
  fc
    .integer({ min: 1, max: 3 })
    .chain(plans)
    .chain((plan) =>
      fc
        .tuple(operands(operation, plan), nats(plan.kernel.length, 2, 1), maybe(fc.boolean()), fc.boolean())
        .map(([given, inputDilation, flip, sides]): ParameterValues => {
          const padding: Given = sides ? [plan.padding, plan.padding] : plan.padding;
          return [...given, plan.stride, padding, plan.dilation, inputDilation, plan.groups, flip];
        }),
    );

const convolve = ({ sample }: Operation) =>
  fc
    .tuple(nats(2, 8, 1), dtypesFor(2, sample.dtypes))
    .chain(([sizes, dtypes]) =>
      values(
        ...sizes.map((size, i) => tensor([size], dtypes[i] as Dtype, sample.values)),
        maybe(fc.constantFrom('full', 'same', 'valid')),
      ),
    );

export const convolutions = {
  conv1d: conv(1, false),
  conv2d: conv(2, false),
  conv3d: conv(3, false),
  conv_transpose1d: conv(1, true),
  conv_transpose2d: conv(2, true),
  conv_transpose3d: conv(3, true),
  conv_general: general,
  convolve,
} satisfies SpecialGenerators;
