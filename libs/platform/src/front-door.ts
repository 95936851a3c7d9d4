import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Language } from '@cahier/contracts';
import { Injectable } from '@nestjs/common';
import type { DomainError } from './errors.js';
import { pickLanguage } from './language.js';
import { asProblem, PROBLEM_JSON, problemHeaders } from './problem.filter.js';

/** A route that takes no more than it can do. */
export interface GuardedRoute {
  readonly method: string;
  /** As Nest has it, with `:parameters`. */
  readonly path: string;
  /** Asked of each request to the route, before anything of it is read. */
  readonly isFull: () => boolean;
  /** Made a few times in advance: what differs between two of them spreads those who come again. */
  readonly refusal: () => DomainError;
}

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Text leaves with the headers in one piece; bytes would cost twice as much to write. */
  readonly body: string;
}

interface Guard extends GuardedRoute {
  readonly pattern: RegExp;
  readonly answers: Readonly<Record<Language, readonly Answer[]>>;
}

type Tell = (route: GuardedRoute, status: number) => void;

const ANSWERS = 8;

/**
 * Refuses what a full route could not do in time before the framework has spent anything on it, with an answer made in advance: the same problem
 * details and headers as any other, without a trace and without a token of the rate limits. A crowd that comes at twice the rate that can be
 * served must cost so little to refuse that those who are let in are served all the same.
 */
@Injectable()
export class FrontDoor {
  private readonly guards: Guard[] = [];
  private headers: Readonly<Record<string, string>> = {};
  private tell: Tell = () => undefined;
  private next = 0;

  /** Once it stands before the server. */
  guard(route: GuardedRoute): void {
    const answers = (language: Language): Answer[] => Array.from({ length: ANSWERS }, () => this.answer(route.refusal(), language));
    this.guards.push({ ...route, pattern: new RegExp(`^/${route.path.replaceAll(/:\w+/g, '[^/?]+')}$`), answers: { fr: answers('fr'), en: answers('en') } });
  }

  /**
   * Before all that listens to requests so far.
   * @param headers that every reply has.
   * @param tell called at each refusal; for metrics and the log.
   */
  standBefore(server: Server, headers: Readonly<Record<string, string>>, tell: Tell): void {
    this.headers = headers;
    this.tell = tell;
    const handlers = server.listeners('request') as ((request: IncomingMessage, response: ServerResponse) => void)[];
    server.removeAllListeners('request').on('request', (request, response) => {
      if (!this.refuses(request, response)) for (const handle of handlers) handle.call(server, request, response);
    });
  }

  private refuses(request: IncomingMessage, response: ServerResponse): boolean {
    const guard = this.guards.find(({ method, pattern }) => request.method === method && pattern.test(request.url!));
    if (!guard?.isFull()) return false;
    const { status, headers, body } = guard.answers[pickLanguage(request.headers['accept-language'])][this.next++ % ANSWERS]!;
    response.writeHead(status, headers).end(body);
    this.tell(guard, status);
    return true;
  }

  private answer(refusal: DomainError, language: Language): Answer {
    const problem = asProblem(refusal, language);
    const body = JSON.stringify(problem);
    return { status: problem.status, headers: { ...this.headers, ...problemHeaders(problem, language), 'content-type': PROBLEM_JSON, 'content-length': String(Buffer.byteLength(body)) }, body };
  }
}
