import { type Call, type Given, recipesOf, type TensorRecipe } from '../parity-tests/call.ts';
import type { CallStep, EffectStep, Program, Source, Step, WrapperStep } from '../parity-tests/programs/program.ts';
import { typescriptExpression, typescriptTensor } from '../parity-tests/snippet.ts';
import { camelCase } from '../registry/naming.ts';
import { anyValue } from './hostile.ts';
import { isMethod } from './methods.ts';
import type { Random } from './random.ts';

/** An argument that is written as it stands. */
class Written {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
  toString(): string {
    return this.text;
  }
}

/** The share of calls that have an argument put in the place of a valid one, and of those that get one more. */
const HOSTILE = 0.25;
const ONE_MORE = 0.03;

/** Writes programs of parity as steps. Values that a body makes have names, those of the program their number. */
export class Printer {
  readonly #random: Random;
  #names = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  program({ steps }: Program): string[] {
    const before: string[] = [];
    return steps.map((step, i) => {
      const text = this.#step(step, before);
      before.push(`v[${i}]`);
      return step.kind === 'effect' ? text : `v[${i}] = ${text}`;
    });
  }

  #step(step: Step, before: readonly string[]): string {
    switch (step.kind) {
      case 'call':
        return this.#call(step, before);
      case 'effect':
        return this.#effect(step, before);
      case 'wrapper':
        return this.#wrapper(step, before);
    }
  }

  #call({ call, sources }: CallStep, before: readonly string[]): string {
    const known = new Map<TensorRecipe, string>();
    recipesOf(call).forEach((recipe, i) => {
      known.set(recipe, this.#tensor(recipe, sources[i] ?? null, before));
    });
    const changed = this.#random.chance(HOSTILE) ? this.#damaged(call, before.length) : call;
    const text = this.#asMethod(changed, known) ?? typescriptExpression(changed, known);
    return this.#random.chance(0.05) ? `mx.eval(${text})` : text;
  }

  #tensor(recipe: TensorRecipe, source: Source | null, before: readonly string[]): string {
    const value = source === null ? undefined : valueAt(before, source.back);
    if (value === undefined || source === null) return typescriptTensor(recipe);
    if (source.raw) return value;
    return typescriptTensor(recipe, `fit(${value}, mx.${recipe.dtype.name}, [${recipe.baseShape.join(', ')}])`);
  }

  #damaged(call: Call, made: number): Call {
    const random = this.#random;
    const odd = () => new Written(anyValue(random, Math.min(made, 5)));
    if (random.chance(ONE_MORE)) return { ...call, positional: [...call.positional, odd(), odd()] };
    const names = call.operation.parameters.map(({ name }) => name);
    const at = random.below(Math.max(call.positional.length, 1));
    if (random.chance(0.3) && names.length > 0) {
      return { ...call, keywords: { ...call.keywords, [random.pick([...names, 'nonsense'])]: odd() } };
    }
    const put = (given: Given, i: number) => (i === at ? odd() : given);
    return { ...call, positional: call.positional.length === 0 ? [odd()] : call.positional.map(put) };
  }

  /** Half of what an array has as a method is called so. */
  #asMethod(call: Call, known: ReadonlyMap<TensorRecipe, string>): string | undefined {
    const name = camelCase(call.operation.name);
    const [first, ...rest] = call.positional;
    const self = known.get(first as TensorRecipe);
    if (self === undefined || call.operation.namespace !== '' || !isMethod(name) || this.#random.chance(0.5)) {
      return undefined;
    }
    const text = typescriptExpression({ ...call, positional: rest }, known);
    return `${self}.${name}${text.slice(text.indexOf('('))}`;
  }

  #effect({ effect, back }: EffectStep, before: readonly string[]): string {
    const value = valueAt(before, back) ?? 'mx.array([1, 2])';
    const isHeld = this.#random.chance(0.5);
    switch (effect) {
      case 'eval':
        return `mx.eval(${value})`;
      case 'asyncEval':
        return isHeld ? `mx.asyncEval(${value})` : `await mx.asyncEval(${value})`;
      case 'item':
        return `fit(${value}, mx.float32, [1]).item()`;
      case 'tolist':
        return `${value}?.tolist?.()`;
      case 'text':
        return `String(${value})`;
      case 'data':
        return isHeld ? `${value}?.data?.()` : `await ${value}?.data?.()`;
      case 'dispose':
        return `${value}?.dispose?.()`;
    }
  }

  #wrapper(step: WrapperStep, outer: readonly string[]): string {
    const names = step.inputs.map(() => `x${this.#names++}`);
    const lines: string[] = [];
    const made = [...outer, ...names];
    for (const inner of step.body) {
      const text = this.#step(inner, made);
      if (inner.kind === 'effect') lines.push(`${inBody(text)};`);
      else {
        const name = `y${this.#names++}`;
        lines.push(`const ${name} = ${text};`);
        made.push(name);
      }
    }
    const outputs = step.outputs.map((back) => valueAt(made.slice(outer.length), back));
    const f = (result: string) => `(${names.join(', ')}) => { ${[...lines, `return ${result};`].join(' ')} }`;
    const each = `[${outputs.join(', ')}]`;
    const inputs = step.inputs.map((back) => valueAt(outer, back) ?? 'mx.array([1.5, -2])');
    const floats = inputs.map((input) => `float(${input})`);
    return this.#transformed(step, { f, each, inputs, floats });
  }

  #transformed(
    step: WrapperStep,
    parts: { f: (result: string) => string; each: string; inputs: readonly string[]; floats: readonly string[] },
  ): string {
    const { f, each, inputs, floats } = parts;
    const listed = inputs.map((input) => `[${input}].flat()[0]`).join(', ');
    const argnums = `{ argnums: [${inputs.map((_, i) => i).join(', ')}] }`;
    switch (step.wrapper) {
      case 'grad':
      case 'valueAndGrad':
        return `mx.${step.wrapper}(${f(`total(${each})`)}, ${argnums})(${floats.join(', ')})`;
      case 'vjp':
        return `mx.vjp(${f(`total(${each})`)}, [${floats.join(', ')}], [mx.array(1)])`;
      case 'jvp':
        return `mx.jvp(${f(each)}, [${floats.join(', ')}], [${floats.join(', ')}])`;
      case 'vmap': {
        const axes = inputs.map((_, i) => (i > 0 && step.axes[i] === null ? 'null' : '0'));
        return `mx.vmap(${f(each)}, [${axes.join(', ')}])(${floats.map((x) => `mx.stack([${x}, ${x}])`).join(', ')})`;
      }
      case 'checkpoint':
      case 'customFunction':
        return `mx.${step.wrapper}(${f(each)})(${listed})`;
      case 'customVjp':
        return `mx.customFunction(${f(each)}).vjp((primals) => [primals].flat().map((x) => mx.multiply(x, 2)))(${listed})`;
      case 'compile':
        return `mx.compile(${f(each)}, { shapeless: ${step.shapeless} })(${listed})`;
    }
  }
}

/** What the body of a function does not keep is dropped by the program itself, so it is caught there. */
const inBody = (effect: string): string =>
  /asyncEval|data/.test(effect) ? `${effect.replace(/^await /, '').replace('?.()', '?.()?')}.catch(() => 0)` : effect;

function valueAt(values: readonly string[], back: number): string | undefined {
  return values.length === 0 ? undefined : values[values.length - 1 - (back % values.length)];
}
