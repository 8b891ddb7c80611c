import { type Command, parseOptions } from '../command.ts';
import { log, print, printJson } from '../terminal.ts';
import { required } from './numbers.ts';

const options = {
  model: { type: 'string' },
  'adapter-path': { type: 'string', default: 'adapters' },
  'save-path': { type: 'string', default: 'fused_model' },
  dequantize: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
} as const;

async function run(args: string[]): Promise<number> {
  const { values } = parseOptions(args, options);
  const from = required('model', values.model, 'the folder of the model that was trained');
  const { fuse: write } = await import('../../lm/convert/index.ts');
  const { folder, layers } = await write({
    from,
    adapters: values['adapter-path'],
    to: values['save-path'],
    dequantize: values.dequantize,
    onFile: (done, total) => log(`[${done}/${total}] files of weights`),
  });
  if (values.json) printJson({ folder, layers });
  else print(`${folder}: ${layers} layers with adapters in their weights`);
  return 0;
}

export const fuse: Command = {
  summary: 'write a language model with adapters in its weights',
  usage: `Usage: mlx-router fuse --model FOLDER [--adapter-path FOLDER] [options]

Writes a model that needs no adapters any more.

  --model FOLDER         the model that was trained
  --adapter-path FOLDER  its adapters (adapters)
  --save-path FOLDER     where to, a folder that is not there yet (fused_model)
  --dequantize           make quantized layers plain ones
  --json                 { folder, layers }`,
  run,
};
