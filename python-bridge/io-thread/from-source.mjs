// Starts the thread from its TypeScript source: `--import tsx` does nothing in a thread whose parent is blocked. As CommonJS
// it needs no thread of tsx's own, which takes longer to start than Python does.
import { createRequire } from 'node:module';
import { register } from 'tsx/cjs/api';

register();
createRequire(import.meta.url)('./thread.ts');
