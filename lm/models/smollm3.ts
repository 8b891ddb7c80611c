import type { ConfigFields } from '../config/fields.ts';
import { CausalLM } from './causal-lm.ts';
import { llamaDecoder } from './llama.ts';

// SmolLM 3 (https://huggingface.co/blog/smollm3): a Llama in which each fourth layer encodes no positions
// (https://arxiv.org/abs/2501.18795).

export class SmolLM3 extends CausalLM {
  constructor(config: ConfigFields) {
    const interval = config.size('no_rope_layer_interval', 4);
    const rotating = config.numbers('no_rope_layers');
    const layers = config.size('num_hidden_layers');
    if (rotating !== undefined && rotating.length !== layers) {
      throw config.error(`"no_rope_layers" has ${rotating.length} entries for ${layers} layers`);
    }
    // Despite its name, 1 in the list marks a layer that does rotate.
    const rotates = (layer: number) => (rotating === undefined ? (layer + 1) % interval !== 0 : rotating[layer] !== 0);
    super(llamaDecoder(config, rotates), { tied: config.flag('tie_word_embeddings', true) });
  }
}
