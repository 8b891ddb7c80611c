import { resolveModel } from '../hub.ts';

process.stdout.write(await resolveModel('org/model'));
