import { parser } from '@prometheus-io/lezer-promql';

/** One time series selector of an expression. */
export interface Selector {
  readonly metric: string;
  /** Labels that it asks for. */
  readonly labels: readonly string[];
}

/**
 * The selectors of a PromQL expression.
 * @throws SyntaxError where Prometheus' own grammar does not take it.
 */
export function selectorsOf(expression: string): Selector[] {
  const found: { metric: string; labels: string[] }[] = [];
  parser.parse(expression).iterate({
    enter: ({ type, name, from, to }) => {
      const text = expression.slice(from, to);
      if (type.isError) throw new SyntaxError(`Not PromQL after « ${expression.slice(0, from)} »`);
      if (name === 'VectorSelector') found.push({ metric: /^[\w:]+/.exec(text)?.[0] ?? '', labels: [] });
      if (name === 'LabelName' && found.length > 0) found.at(-1)!.labels.push(text);
    },
  });
  return found;
}
