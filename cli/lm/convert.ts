import { type Command, oneOf, parseOptions } from '../command.ts';
import { log, print, printJson } from '../terminal.ts';
import { countOption, required } from './numbers.ts';

const MODES = ['affine', 'mxfp4', 'nvfp4', 'mxfp8'] as const;
const RECIPES = ['mixed_2_6', 'mixed_3_4', 'mixed_3_6', 'mixed_4_6'] as const;
const DTYPES = ['float16', 'bfloat16', 'float32'] as const;

const options = {
  model: { type: 'string' },
  'hf-path': { type: 'string' },
  'mlx-path': { type: 'string', default: 'mlx_model' },
  quantize: { type: 'boolean', short: 'q', default: false },
  'q-bits': { type: 'string' },
  'q-group-size': { type: 'string' },
  'q-mode': { type: 'string', default: 'affine' },
  'quant-predicate': { type: 'string' },
  dtype: { type: 'string' },
  dequantize: { type: 'boolean', short: 'd', default: false },
  json: { type: 'boolean', default: false },
} as const;

async function run(args: string[]): Promise<number> {
  const { values } = parseOptions(args, options);
  const from = required(
    'model',
    values.model ?? values['hf-path'],
    'a folder in Hugging Face’s layout, or a .gguf file',
  );
  const recipe = values['quant-predicate'];
  const quantize = {
    bits: values['q-bits'] === undefined ? undefined : countOption('q-bits', values['q-bits']),
    groupSize: values['q-group-size'] === undefined ? undefined : countOption('q-group-size', values['q-group-size']),
    mode: oneOf('--q-mode', values['q-mode'], MODES),
  };
  const asked = {
    from,
    to: values['mlx-path'],
    ...((values.quantize || recipe !== undefined) && { quantize }),
    ...(recipe !== undefined && { recipe: oneOf('--quant-predicate', recipe, RECIPES) }),
    ...(values.dtype !== undefined && { dtype: oneOf('--dtype', values.dtype, DTYPES) }),
    dequantize: values.dequantize,
    onFile: (done: number, total: number) => log(`[${done}/${total}] files of weights`),
  };
  const { convert: write } = await import('../../lm/convert/index.ts');
  const { folder, parameters, bitsPerWeight } = await write(asked);
  if (values.json) printJson({ folder, parameters, bitsPerWeight });
  else print(`${folder}: ${(parameters / 1e6).toFixed(1)} million parameters of ${bitsPerWeight.toFixed(3)} bits`);
  return 0;
}

export const convert: Command = {
  summary: 'write a language model quantized, dequantized, or of another dtype',
  usage: `Usage: mlx-router convert --model SOURCE [--mlx-path FOLDER] [options]

Writes a model anew, as MLX and mlx_lm read it. Without options only the form of its files changes.

  --model SOURCE          a folder in Hugging Face's layout, or a .gguf file (also --hf-path)
  --mlx-path FOLDER       where to, a folder that is not there yet (mlx_model)
  -q, --quantize          quantize it
  --q-bits N              bits of each weight (4; 8 of mxfp8)
  --q-group-size N        how many weights share a scale (64; 32 of mxfp4 and mxfp8, 16 of nvfp4)
  --q-mode MODE           ${MODES.join(', ')} (affine)
  --quant-predicate NAME  more bits for some layers: ${RECIPES.join(', ')}; quantizes
  --dtype NAME            of what is not quantized: ${DTYPES.join(', ')} (the config's, or as it is)
  -d, --dequantize        make quantized layers plain ones
  --json                  { folder, parameters, bitsPerWeight }`,
  run,
};
