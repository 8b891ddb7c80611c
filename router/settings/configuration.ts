import { type AddedBackend, ConfigurationError } from '../../foundation/errors/errors.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import { isImplementation, namesOf } from '../../registry/arguments/options.ts';
import { didYouMean } from '../../registry/naming.ts';
import { FAMILIES, NAMESPACES } from '../../registry/operation.ts';
import type { Refuse, Setting } from './setting-kinds.ts';
import { type Configuration, SETTINGS } from './settings.ts';

export const DEFAULTS = Object.fromEntries(
  Object.entries(SETTINGS).map(([name, { default: usual }]) => [name, usual]),
) as unknown as Configuration;

function isFamily(name: string): boolean {
  return (FAMILIES as readonly string[]).includes(name);
}

/** Whether the name stands in one of MLX's own modules. */
function isOfMlx(name: string): boolean {
  return (NAMESPACES as readonly string[]).includes(name.slice(0, name.indexOf('.')));
}

/**
 * The names in overrides of the environment that may be operations of the user's, which are not registered when the
 * library is imported; a ConfigurationError for one that cannot be any.
 */
export function pendingOverrides(
  environment: Partial<Configuration>,
  isOperation: (name: string) => boolean,
): ReadonlySet<string> {
  const targets = Object.keys(environment.implementationOverrides ?? {});
  const unknown = targets.filter((target) => !isFamily(target) && !isOperation(target));
  const wrong = unknown.find((target) => !target.includes('.') || isOfMlx(target));
  if (wrong !== undefined) {
    throw new ConfigurationError(
      `${SETTINGS.implementationOverrides.variable}: "${wrong}" is neither an operation nor a family`,
    );
  }
  return new Set(unknown);
}

/** The configuration with the changes in it; a ConfigurationError names the first that is wrong. */
export function changed(
  current: Configuration,
  changes: Partial<Configuration>,
  isOperation: (name: string) => boolean,
  added: readonly AddedBackend[] = [],
): Configuration {
  if (typeof changes !== 'object' || changes === null) {
    throw new ConfigurationError('configure: expected an object of settings');
  }
  for (const [name, value] of Object.entries(changes)) {
    if (!Object.hasOwn(SETTINGS, name)) {
      throw new ConfigurationError(
        `configure: no setting is named "${name}"${didYouMean(name, Object.keys(SETTINGS))}`,
      );
    }
    const rule: Setting<unknown> = SETTINGS[name as keyof Configuration];
    if (value !== undefined && !rule.is(value)) {
      throw new ConfigurationError(
        `configure: expected ${rule.expected} for "${name}", received ${describeValue(value)}`,
      );
    }
  }
  for (const [target, implementation] of Object.entries(changes.implementationOverrides ?? {})) {
    if (!isImplementation(implementation, added)) {
      throw new ConfigurationError(
        `configure: expected ${namesOf(added)} for the override of "${target}", received ${describeValue(implementation)}`,
      );
    }
    if (!isFamily(target) && !isOperation(target)) {
      throw new ConfigurationError(`configure: "${target}" is neither an operation nor a family`);
    }
  }
  const known = Object.entries(changes).filter(([, value]) => value !== undefined);
  return { ...current, ...Object.fromEntries(known) };
}

/** What the environment asks for, as changes to the defaults; a ConfigurationError names the first wrong variable. */
export function fromEnvironment(environment: NodeJS.ProcessEnv): Partial<Configuration> {
  const changes: Record<string, unknown> = {};
  for (const [name, { variable, is, expected, read }] of Object.entries(SETTINGS)) {
    const text = environment[variable];
    if (text === undefined || text === '') continue;
    const refuse: Refuse = (wanted, received) => {
      throw new ConfigurationError(`${variable}: expected ${wanted}, received "${received}"`);
    };
    const value = read(text, refuse);
    changes[name] = is(value) ? value : refuse(expected, text);
  }
  return changes as Partial<Configuration>;
}
