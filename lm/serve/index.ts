/** An HTTP server for language models, with OpenAI's interface. It is an entry of its own: it alone needs Fastify. */
export { embedWith } from './embed-with.ts';
export { checkServeOptions, type Embed, type ServeOptions } from './options.ts';
export { type Server, serve } from './serve.ts';
