/** An architecture that only `mlx_lm` has. */
export interface PythonOnly {
  readonly name: string;
  readonly also?: readonly string[];
  /** What the parts in this folder lack for it. */
  readonly nativeReason: string;
}

const STATE = 'not ported: its layers keep states, of a recurrence or a convolution, for which there is no cache here';
const LATENT = 'not ported: its attention keeps keys and values as latent vectors';
const PARTS = 'not ported: it is the text part of a model of pictures or sound';
const EXPERTS =
  'not ported: the router of its experts, or the experts that all tokens share, are not those of Mixtral and Qwen 3';
const DENSE = 'not ported: nothing in it is missing here, but its file is not written';

const ALSO: Readonly<Record<string, readonly string[]>> = {
  mistral3: ['llava'],
  phixtral: ['phi-msft'],
  mamba: ['falcon_mamba'],
  deepseek_v3: ['joyai_llm_flash', 'kimi_k2'],
  qwen2_vl: ['qwen2_5_vl'],
  minimax: ['minimax_m2'],
  gemma4: ['gemma4_unified'],
  deepseek_v41: ['deepseek_v41_text'],
};

/** Names by what they have in common. */
const NAMES: readonly (readonly [reason: string, names: string])[] = [
  [
    STATE,
    `baichuan_m1 bailing_hybrid bailing_moe_linear bailing_moe_v3 falcon_h1 gear granitemoehybrid jamba kimi_k3
    kimi_linear lfm2 lfm2_moe lfm2-vl longcat_flash_ngram mamba mamba2 nemotron_h olmo_hybrid plamo2 qwen3_5
    qwen3_5_moe qwen3_next recurrent_gemma rwkv7`,
  ],
  [
    LATENT,
    `deepseek_v2 deepseek_v3 deepseek_v32 deepseek_v41 glm4_moe_lite glm_moe_dsa kimi_k25 kimi_vl longcat_flash
    minicpm3 mistral4 youtu_llm`,
  ],
  [
    PARTS,
    `gemma3n gemma4 llama4 minimax_m3_vl mistral3 muse_glimmer muse_spark pixtral qwen2_vl qwen3_vl qwen3_vl_moe`,
  ],
  [
    EXPERTS,
    `Klear afmoe bailing_moe dbrx deepseek dots1 ernie4_5_moe exaone_moe gemma4_text glm4_moe gpt_oss granitemoe hunyuan
    laguna mellum mimo_v2_flash minimax olmoe phimoe phixtral qwen2_moe solar_open step3p5`,
  ],
  ['not ported: it needs the kernel of mlx_lm for weights of three values', 'bitnet'],
  [
    'not ported: it turns its weights by Hadamard transforms, over an architecture that is not ported',
    'prism_hadamard_qwen35',
  ],
  [
    DENSE,
    `afm7 apertus cohere cohere2 ernie4_5 exaone exaone4 gemma glm glm4 gpt_bigcode gpt_neox gptj granite helium
    hunyuan_v1_dense internlm2 internlm3 iquestloopcoder lille-130m llama4_text mimo minicpm ministral3 nanbeige
    nanochat nemotron nemotron-nas olmo olmo2 olmo3 openelm phi phi3small plamo plamo3 qwen seed_oss spark2_5 stablelm
    starcoder2 talkie telechat3`,
  ],
];

/** What `mlx_lm` 0.32.2 has besides. To port one is to take its name out here, and to give it a row in `registry.ts`. */
export const pythonOnly: readonly PythonOnly[] = NAMES.flatMap(([nativeReason, names]) =>
  names.split(/\s+/).map((name) => ({ name, nativeReason, ...(ALSO[name] && { also: ALSO[name] }) })),
);
