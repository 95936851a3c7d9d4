import { MultiBar, Presets } from 'cli-progress';

export interface Bar {
  add(count?: number): void;
  done(): void;
}

/** Where the demonstration shows how far it is. */
export interface Screen {
  say(line: string): void;
  bar(name: string, total: number): Bar;
}

/** On a terminal a moving bar, in a log one line at its end. */
export function screenOn(stream: NodeJS.WriteStream): Screen {
  const say = (line: string): void => void stream.write(`${line}\n`);
  return { say, bar: stream.isTTY ? movingBar(stream) : (name, total) => plainBar(name, total, say) };
}

/** For `--json`: nothing but the result. */
export const silent: Screen = { say: () => undefined, bar: () => ({ add: () => undefined, done: () => undefined }) };

function movingBar(stream: NodeJS.WriteStream): Screen['bar'] {
  return (name, total) => {
    const bars = new MultiBar({ stream, format: '  {name} {bar} {value}/{total} {duration_formatted}', hideCursor: true, barsize: 32 }, Presets.shades_classic);
    const bar = bars.create(total, 0, { name: name.padEnd(24) });
    return { add: (count = 1) => bar.increment(count), done: () => bars.stop() };
  };
}

function plainBar(name: string, total: number, say: Screen['say']): Bar {
  const start = performance.now();
  let value = 0;
  return { add: (count = 1) => void (value += count), done: () => say(`  ${name}: ${value}/${total} in ${((performance.now() - start) / 1_000).toFixed(1)} s`) };
}
