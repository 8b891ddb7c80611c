import { architectures, encoderNames } from '../../lm/models/registry.ts';

/** `docs/reference/models.md`: which architectures of language models are written in TypeScript. */
export function modelsPage(): string {
  const rows = architectures.map(
    ({ name, also = [] }) => `| \`${name}\` | ${also.map((other) => `\`${other}\``).join(', ')} |`,
  );
  return `<!-- Written by \`npm run generate\` from lm/models/registry.ts. Do not edit. -->

# Language models

What \`lm.load\` runs natively, by the \`model_type\` of config.json. Every other architecture of \`mlx_lm\` runs in a Python worker, through
the same interface ([Language models](../language-models.md)). \`mlx-router parity --models\` compares each of these with \`mlx_lm\`.

| model_type | also |
| ---------- | ---- |
${rows.join('\n')}

Encoders, for \`lm.loadEmbedder\`: ${encoderNames.map((name) => `\`${name}\``).join(', ')}.
`;
}
