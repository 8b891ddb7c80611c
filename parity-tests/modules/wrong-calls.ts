import fc from 'fast-check';
import type { FunctionRow } from './activation-rows.ts';
import type { InitializerRow, LossRow, OptimizerRow, ScheduleRow } from './function-rows.ts';
import type { InputSpec, LayerRow, Options } from './rows.ts';
import { ENDS_PYTHON, REFUSED_ARGUMENTS, REFUSED_OPTIONS } from './wrong-reasons.ts';

/** An array to draw, of a dtype other than float32 where one is named. */
export interface WrongInput extends InputSpec {
  readonly dtype?: 'int32' | 'complex64';
}

/** A call that is right but for one thing: what Python refuses has to be refused here, and the other way round. */
export interface WrongCall {
  /** What is wrong, in words. */
  readonly what: string;
  readonly options: Options;
  /** What goes before arrays to the function that makes something: an initializer's, a schedule's. */
  readonly args: readonly unknown[];
  readonly inputs: readonly (WrongInput | null)[];
  readonly training: boolean;
}

type Change = (call: WrongCall) => WrongCall;

/** What options can be wrongly: types, and numbers out of range, none so large that it would be made. */
const ODDITIES: readonly unknown[] = ['axis', true, 1.5, -1, 0, [], { unknownKey: 1 }];

function changesOfOptions(options: Options): Change[] {
  const unknown: Change = (call) => ({ ...call, what: 'an unknown name', options: { ...options, nonsense: 1 } });
  const names = Object.keys(options);
  const without = names.map(
    (name): Change =>
      (call) => ({
        ...call,
        what: `no ${name}`,
        options: Object.fromEntries(Object.entries(options).filter(([key]) => key !== name)),
      }),
  );
  const odd = names.flatMap((name) =>
    ODDITIES.map(
      (value): Change =>
        (call) => ({
          ...call,
          what: `${name} of ${JSON.stringify(value)}`,
          options: { ...options, [name]: value },
        }),
    ),
  );
  return [unknown, ...without, ...odd];
}

const SHAPES: readonly (readonly [what: string, change: (shape: readonly number[]) => number[]])[] = [
  ['without its first axis', (shape) => shape.slice(1)],
  ['without its last axis', (shape) => shape.slice(0, -1)],
  ['with an axis before', (shape) => [2, ...shape]],
  ['with a longer last axis', (shape) => [...shape.slice(0, -1), (shape.at(-1) ?? 0) + 1]],
  ['with a longer first axis', (shape) => [(shape[0] ?? 0) + 1, ...shape.slice(1)]],
  ['of no dimension', () => []],
];

/** Few, for MLX builds a kernel for each that a compiled function gets. */
const DTYPES = ['int32', 'complex64'] as const;

function changesOfInputs(inputs: readonly (WrongInput | null)[]): Change[] {
  const at = (i: number, what: string, spec: WrongInput): Change => {
    const changed = inputs.map((given, n) => (n === i ? spec : given));
    return (call) => ({ ...call, what: `input ${i} ${what}`, inputs: changed });
  };
  const arrays = inputs.flatMap((spec, i) => {
    if (spec === null) return [];
    return [
      ...SHAPES.map(([what, change]) => at(i, what, { ...spec, shape: change(spec.shape) })),
      ...DTYPES.map((dtype) => at(i, `of ${dtype}`, { shape: spec.shape, dtype })),
    ];
  });
  const fewer: Change = (call) => ({ ...call, what: 'one input less', inputs: inputs.slice(0, -1) });
  return [...arrays, fewer];
}

const NOTHING = { what: '', args: [], options: {}, inputs: [], training: true };

/** The right call with one change, or with what Python refuses on purpose, which comes as often. */
function wrong(name: string, call: WrongCall, changes: readonly Change[]): fc.Arbitrary<WrongCall> {
  const what = 'refused on purpose';
  const refused = [
    ...(REFUSED_OPTIONS[name] ?? []).map((options) => ({ ...call, what, options })),
    ...(REFUSED_ARGUMENTS[name] ?? []).map((args) => ({ ...call, what, args })),
  ];
  const isMade = ({ inputs }: WrongCall) =>
    !ENDS_PYTHON.rows.test(name) || !inputs.some((spec) => spec !== null && ENDS_PYTHON.isOne(spec.shape));
  const drawn = changes.map((change) => change(call)).filter(isMade);
  return refused.length === 0
    ? fc.constantFrom(...drawn)
    : fc.oneof(fc.constantFrom(...drawn), fc.constantFrom(...refused));
}

function ofLayer(row: LayerRow): fc.Arbitrary<WrongCall> {
  return fc
    .tuple(row.options, row.evaluationOnly === true ? fc.constant(false) : fc.boolean())
    .chain(([options, training]) =>
      row.inputs(options).chain((inputs) => {
        // What makes a row's layer by itself has no options of a constructor.
        const changes = row.make === undefined ? changesOfOptions(options) : [];
        const call = { ...NOTHING, options, inputs, training };
        return wrong(`nn.${row.name}`, call, [...changes, ...changesOfInputs(inputs)]);
      }),
    );
}

function ofFunction(row: FunctionRow): fc.Arbitrary<WrongCall> {
  return fc.tuple(row.inputs, row.args).chain(([inputs, args]) => {
    const fewer: Change = (call) => ({ ...call, what: 'one input less', inputs: [], args: [] });
    const changes = [...changesOfInputs(inputs).slice(0, -1), fewer];
    return wrong(row.name, { ...NOTHING, args, inputs }, changes);
  });
}

function ofLoss(row: LossRow): fc.Arbitrary<WrongCall> {
  return fc
    .tuple(row.inputs, row.options)
    .chain(([inputs, options]) =>
      wrong(`nn.losses.${row.name}`, { ...NOTHING, options, inputs }, [
        ...changesOfOptions(options),
        ...changesOfInputs(inputs),
      ]),
    );
}

function ofInitializer(row: InitializerRow): fc.Arbitrary<WrongCall> {
  return fc.tuple(row.args, row.shape).chain(([args, shape]) => {
    const inputs = [{ shape }];
    return wrong(`nn.init.${row.name}`, { ...NOTHING, args, inputs }, changesOfInputs(inputs));
  });
}

function ofSchedule(row: ScheduleRow): fc.Arbitrary<WrongCall> {
  const fewer: Change = (call) => ({ ...call, what: 'no argument', args: [] });
  return row.args.chain((args) => wrong(`optimizers.${row.name}`, { ...NOTHING, args }, [fewer]));
}

/** The first input is a parameter, the second one its gradient. */
function ofOptimizer(row: OptimizerRow): fc.Arbitrary<WrongCall> {
  const inputs = [{ shape: [2, 3] }, { shape: [2, 3] }];
  return row.options.chain((options) => {
    const changes = row.make === undefined ? changesOfOptions(options) : [];
    return wrong(`optimizers.${row.name}`, { ...NOTHING, options, inputs }, [...changes, ...changesOfInputs(inputs)]);
  });
}

export const wrongCalls = { ofLayer, ofFunction, ofLoss, ofInitializer, ofSchedule, ofOptimizer };
