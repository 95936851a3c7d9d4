import { z } from 'zod';
import type { Place, ServiceName } from './place.js';
import { away, failed } from './problems.js';

const problem = z.object({ type: z.string(), title: z.string(), status: z.number(), detail: z.string().optional(), traceId: z.string().optional() });

/** A service that has nothing to say for so long is away. One that works for longer shows signs of life. */
const SILENCE_MS = 60_000;

/** The staff routes of the services, as one administrator. */
export class StaffApi {
  private signedIn: Promise<string> | undefined;

  constructor(private readonly place: Place) {}

  get<S extends z.ZodType>(service: ServiceName, path: string, answer: S, query: Readonly<Record<string, string | number | undefined>> = {}): Promise<z.output<S>> {
    const parameters = new URLSearchParams(Object.entries(query).flatMap(([name, value]): [string, string][] => (value === undefined ? [] : [[name, String(value)]])));
    return this.ask(service, parameters.size > 0 ? `${path}?${parameters.toString()}` : path, answer, {});
  }

  post<S extends z.ZodType>(service: ServiceName, path: string, answer: S, body?: object): Promise<z.output<S>> {
    return this.ask(service, path, answer, { method: 'POST', ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }) });
  }

  /** @throws AdminProblem: what was refused, with its reason; what does not answer. */
  private async ask<S extends z.ZodType>(service: ServiceName, path: string, answer: S, request: { method?: string; body?: string; headers?: Record<string, string> }): Promise<z.output<S>> {
    this.signedIn ??= this.place.token();
    const authorization = `Bearer ${await this.signedIn}`;
    const { status, text } = await exchange(service, `${this.place.url(service)}${path}`, { ...request, headers: { ...request.headers, authorization, 'accept-language': 'en' } });
    if (status >= 400) throw refusal(service, status, text);
    const parsed = answer.safeParse(jsonIn(text));
    if (!parsed.success) throw failed(`${service} answers ${path} otherwise than this command expects: are they of the same version?`);
    return parsed.data;
  }
}

async function exchange(service: ServiceName, url: string, request: RequestInit): Promise<{ status: number; text: string }> {
  const patience = new AbortController();
  let timer = setTimeout(() => { patience.abort(); }, SILENCE_MS);
  try {
    const response = await fetch(url, { ...request, signal: patience.signal });
    let text = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      clearTimeout(timer);
      timer = setTimeout(() => { patience.abort(); }, SILENCE_MS);
      text += decoder.decode(chunk as Uint8Array, { stream: true });
    }
    return { status: response.status, text: text + decoder.decode() };
  } catch (error) {
    throw away(`${service} does not answer at ${new URL(url).origin}: ${reasonOf(error)}`);
  } finally {
    clearTimeout(timer);
  }
}

/** What undici wraps, such as ECONNREFUSED. */
function reasonOf(error: unknown): string {
  const { cause, message } = error as Error & { cause?: { code?: string; message?: string } };
  return cause?.code ?? cause?.message ?? message;
}

function refusal(service: ServiceName, status: number, text: string): Error {
  const parsed = problem.safeParse(jsonIn(text));
  const { type, title, detail, traceId } = parsed.success ? parsed.data : { type: '', title: `HTTP ${status}`, detail: undefined, traceId: undefined };
  const message = `${service}: ${title}.${detail === undefined ? '' : ` ${detail}`}${type === '' ? '' : ` (${type.replace('/problems/', '')}${traceId === undefined ? '' : `, trace ${traceId}`})`}`;
  return status === 502 || status === 503 || status === 504 ? away(message) : failed(message);
}

function jsonIn(text: string): unknown {
  try {
    return text.trim() === '' ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
