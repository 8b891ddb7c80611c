// The first page, as VitePress's front matter; JSON is YAML, too.
const home = {
  layout: 'home',
  hero: {
    name: 'mlx-router',
    text: 'Tensors for Node.js',
    tagline: "The semantics of Apple's MLX in TypeScript, native and in Python, equal bit for bit.",
    actions: [
      { theme: 'brand', text: 'Get started', link: '/start' },
      { theme: 'alt', text: 'Reference', link: '/reference/' },
    ],
  },
  features: [
    {
      title: 'One API, two backends',
      details:
        'A native addon runs what is ported, Python workers run the rest. A router decides call by call, and says why.',
      link: '/architecture',
    },
    {
      title: 'Proven equal',
      details: 'Generated calls run on both backends and must agree in every bit, errors included.',
      link: '/adr/0025-parity-bit-for-bit',
    },
    {
      title: 'From arrays to language models',
      details:
        "Transforms, neural networks, training, and language models with a server that speaks OpenAI's interface.",
      link: '/language-models',
    },
    {
      title: 'Coming from Python',
      details: 'A line of Python beside the line here, and what differs.',
      link: '/from-python',
    },
    {
      title: 'Coming from NumPy',
      details: "What arrays share with NumPy's, and what they do otherwise.",
      link: '/from-numpy',
    },
    {
      title: 'Coming from JavaScript',
      details: 'From TensorFlow.js, or from the other binding of MLX.',
      link: '/from-tfjs',
    },
  ],
};

export const homePage = `---\n${JSON.stringify(home, undefined, 2)}\n---\n`;
