import type { ConfigFields, RawConfig } from './fields.ts';

/**
 * The config with its rotation in the fields that architectures read, `rope_theta` and `rope_scaling`: files of newer
 * versions of transformers say both in `rope_parameters`, and Gemma's for each kind of layer. What is there already stays.
 * @throws FileError where `rope_parameters` is no object, or has none for a kind of layer
 */
export function withRotation(config: ConfigFields): ConfigFields {
  const changes = { ...ofText(config), ...rotation(config) };
  return Object.keys(changes).length === 0 ? config : config.with(changes);
}

/** What multimodal models say of their text. */
function ofText(config: ConfigFields): RawConfig {
  const values = config.values.text_config;
  if (typeof values !== 'object' || values === null || Array.isArray(values)) return {};
  const text = config.object('text_config') as ConfigFields;
  const changed = withRotation(text);
  return changed === text ? {} : { text_config: changed.values };
}

function rotation(config: ConfigFields): RawConfig {
  const parameters = config.object('rope_parameters');
  if (parameters === undefined) return {};
  const everywhere = parameters.object('full_attention') ?? parameters;
  const nearby = parameters.object('sliding_attention');
  return {
    ...missing(config, 'rope_theta', everywhere.values.rope_theta),
    ...missing(config, 'partial_rotary_factor', everywhere.values.partial_rotary_factor),
    ...missing(config, 'rope_local_base_freq', nearby?.values.rope_theta),
    ...(isPlain(everywhere) ? {} : missing(config, 'rope_scaling', everywhere.values)),
  };
}

const isPlain = (parameters: ConfigFields) =>
  parameters.text('rope_type', parameters.text('type', 'default')) === 'default';

function missing(config: ConfigFields, name: string, value: unknown): RawConfig {
  return value === undefined || config.has(name) ? {} : { [name]: value };
}
