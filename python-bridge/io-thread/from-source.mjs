// Starts the thread from its TypeScript source: `--import tsx` does nothing in a thread whose parent is asleep. As CommonJS
// it needs no thread of tsx's own, which takes longer to start than Python does.
import { require } from 'tsx/cjs/api';

require('./thread.ts', import.meta.url);
