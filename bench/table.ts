import { goals, type Goal, type GoalId } from './goals.js';
import type { Measured } from './part.js';

export type Verdict = 'target' | 'floor' | 'BELOW';

export function verdict(goal: Goal, { median, min, max }: Measured): Verdict {
  const best = goal.better === 'higher' ? max : min;
  const reaches = (value: number, bound: number): boolean => (goal.better === 'higher' ? value >= bound : value <= bound);
  if (reaches(median, goal.target)) return 'target';
  return reaches(goal.judge === 'best' ? best : median, goal.floor) ? 'floor' : 'BELOW';
}

const figure = (value: number, unit: string): string => `${value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(value < 0.1 ? 3 : 2)}${unit === '' || unit === '×' ? '' : ` ${unit}`}`;

/** Markdown: goal, floor, target, what was measured, verdict. */
export function table(measured: readonly Measured[]): string {
  const rows = measured.map((one) => {
    const goal: Goal = goals[one.goal];
    const sign = goal.better === 'higher' ? '≥' : '≤';
    const range = one.rounds > 1 ? ` [${figure(one.min, '')}–${figure(one.max, '')}]` : '';
    return [one.goal, goal.what, `${sign} ${figure(goal.floor, goal.unit)}`, `${sign} ${figure(goal.target, goal.unit)}`, `**${figure(one.median, goal.unit)}**${range}`, String(one.rounds), verdict(goal, one), one.note];
  });
  return toMarkdown([['goal', 'what', 'floor', 'target', 'measured, median [least–most]', 'rounds', 'reaches', 'figures'], ...rows]);
}

export function toMarkdown([head = [], ...rows]: readonly string[][]): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => [...(row[column] ?? '')].length)));
  const line = (cells: readonly string[]): string => `| ${cells.map((cell, column) => cell + ' '.repeat(widths[column]! - [...cell].length)).join(' | ')} |`;
  return [line(head), `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`, ...rows.map(line)].join('\n');
}

/** Goals whose floor was missed. */
export const missed = (measured: readonly Measured[]): GoalId[] => measured.filter((one) => verdict(goals[one.goal], one) === 'BELOW').map(({ goal }) => goal);
