// TensorFlow.js with TensorFlow's own library.
import { serveTensorFlow } from '../tfjs.mjs';

// By a name that no tool takes for a dependency: it is installed here on demand.
const name = '@tensorflow/tfjs-node';
serveTensorFlow((await import(name)).default);
