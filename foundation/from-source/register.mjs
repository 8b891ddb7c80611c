// `node --import` of this file lets a checkout's program start from its TypeScript source. tsx does too, and resolves what
// only other projects have; where hundreds of processes start, each of its starts costs a second more.
import { register } from 'node:module';

register('./hooks.mjs', import.meta.url);
process.setSourceMapsEnabled(true);
