export { sampleFiling, type SampleFiling } from './samples/sample.js';
