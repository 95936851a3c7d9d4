import { recorder } from './span-recorder.js';

export const used = recorder;
