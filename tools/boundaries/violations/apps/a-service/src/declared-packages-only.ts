import { open } from 'yauzl';

export const used = open;
