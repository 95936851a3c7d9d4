import Sequencer from '@jest/test-sequencer';

const isLong = ({ path }) => path.endsWith('.system.spec.ts');

/** Whole systems first: they mostly wait, for minutes, and the short specs fill the time beside them. */
export default class LongFirst extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    return [...sorted.filter(isLong), ...sorted.filter((test) => !isLong(test))];
  }
}
