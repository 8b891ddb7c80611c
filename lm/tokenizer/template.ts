import { Environment, Interpreter, parse, type TemplateEnvironment, tokenize } from './libraries.ts';

/** A compiled template; what it throws is for its caller to name. */
export type RenderTemplate = (variables: Readonly<Record<string, unknown>>) => string;

/** What templates may take, which come with models from anywhere. A prompt for a long context needs a tenth of it. */
const MOST_STEPS = 1_000_000;
const MOST_CHARACTERS = 1 << 26;
/** As Jinja's sandbox has it. */
const LONGEST_RANGE = 100_000;

/** @throws Error where the template is not sound. */
export function compileTemplate(source: string): RenderTemplate {
  // Only training asks which parts the assistant said; here such a block is its content.
  const plain = source
    .replace(/\{%([-+]?)\s*generation\s*([-+]?)%\}/g, '{%$1 if true $2%}')
    .replace(/\{%([-+]?)\s*endgeneration\s*([-+]?)%\}/g, '{%$1 endif $2%}');
  const program = parse(tokenize(plain, { lstrip_blocks: true, trim_blocks: true }));
  return (variables) => {
    const environment = new Environment();
    for (const [name, value] of Object.entries(GLOBALS)) environment.set(name, value);
    for (const [name, value] of Object.entries(variables)) {
      environment.variables.delete(name);
      environment.set(name, value);
    }
    const { value } = new BoundedInterpreter(environment).run(program);
    return String(value);
  };
}

/** Counts what it does, and ends templates that would not. */
class BoundedInterpreter extends Interpreter {
  #steps = 0;

  override evaluate(statement: unknown, environment: TemplateEnvironment) {
    if (++this.#steps > MOST_STEPS) throw new Error(`it did not end within ${MOST_STEPS} steps`);
    const result = super.evaluate(statement, environment);
    const { value } = result;
    if (typeof value === 'string' && value.length > MOST_CHARACTERS) {
      throw new Error(`it makes a text of more than ${MOST_CHARACTERS} characters`);
    }
    return result;
  }
}

const GLOBALS: Readonly<Record<string, unknown>> = {
  true: true,
  false: false,
  none: null,
  True: true,
  False: false,
  None: null,
  raise_exception: (message: unknown) => {
    throw new Error(String(message));
  },
  range,
  strftime_now: (format: unknown) => formattedDate(new Date(), String(format)),
};

function range(first: number, end?: number, step = 1): number[] {
  const [start, stop] = end === undefined ? [0, first] : [first, end];
  const count = Math.ceil((stop - start) / step);
  if (!Number.isFinite(count)) throw new Error('range() expects integers, and no step of 0');
  if (count > LONGEST_RANGE) throw new Error(`range() of ${count} is longer than ${LONGEST_RANGE}`);
  return Array.from({ length: Math.max(0, count) }, (_, index) => start + index * step);
}

const MONTHS = 'January February March April May June July August September October November December'.split(' ');
const DAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');

/** Python's `strftime` for the local time, in English; what is not known stays as it is. */
function formattedDate(date: Date, format: string): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const month = MONTHS[date.getMonth()] as string;
  const day = DAYS[date.getDay()] as string;
  const parts: Record<string, string> = {
    '%Y': String(date.getFullYear()),
    '%y': two(date.getFullYear() % 100),
    '%m': two(date.getMonth() + 1),
    '%d': two(date.getDate()),
    '%B': month,
    '%b': month.slice(0, 3),
    '%A': day,
    '%a': day.slice(0, 3),
    '%H': two(date.getHours()),
    '%I': two(date.getHours() % 12 || 12),
    '%M': two(date.getMinutes()),
    '%S': two(date.getSeconds()),
    '%p': date.getHours() < 12 ? 'AM' : 'PM',
    '%%': '%',
  };
  return format.replace(/%./g, (code) => parts[code] ?? code);
}
