import { encoderNames } from '../../lm/models/registry.ts';
import { registry } from '../../mlx/index.ts';
import type { Operation } from '../../registry/operation.ts';

const modelType = ({ name }: Operation) => name.slice('lm.'.length);

function row(operation: Operation): string {
  const also = (operation.aliases ?? []).map((other) => `\`${other}\``).join(', ');
  const reason =
    operation.nativeReason === undefined ? '' : ` | ${operation.nativeReason.replace(/^not ported: /, '')}`;
  return `| \`${modelType(operation)}\` | ${also}${reason} |`;
}

/** `docs/reference/models.md`: the rows of kind `model`. */
export function modelsPage(): string {
  const rows = registry.models().sort((a, b) => (modelType(a) < modelType(b) ? -1 : 1));
  const ported = rows.filter(({ nativeReason }) => nativeReason === undefined);
  const others = rows.filter(({ nativeReason }) => nativeReason !== undefined);
  return `<!-- Written by \`npm run generate\` from lm/models/registry.ts. Do not edit. -->

# Language models

What \`lm.load\` does with a model, by the \`model_type\` of config.json. ${rows.length} architectures have a row, ${ported.length} of them are native.
\`mlx-router ops --family model\` lists them with those that a program has added ([Porting an architecture](../porting-an-architecture.md)).

## Native

\`mlx-router parity --models\` compares each of these with \`mlx_lm\`.

| model_type | also |
| ---------- | ---- |
${ported.map(row).join('\n')}

Encoders, for \`lm.loadEmbedder\`: ${encoderNames.map((name) => `\`${name}\``).join(', ')}.

## In a Python worker

Through the same interface ([Language models](../language-models.md)), with one notice, and \`unported\` in the routing table. So does every
architecture that a later \`mlx_lm\` has, and that has no row here.

| model_type | also | not ported |
| ---------- | ---- | ---------- |
${others.map(row).join('\n')}
`;
}
