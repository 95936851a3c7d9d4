import { Agent, request as plainRequest, type IncomingHttpHeaders } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Outgoing {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly timeoutMs?: number;
}

/** HTTP over kept connections, a bounded number per service: what a busy front end would use. */
export class Client {
  private readonly plain: Agent;
  private readonly tls: TlsAgent;

  constructor(connections = 64) {
    this.plain = new Agent({ keepAlive: true, maxSockets: connections });
    this.tls = new TlsAgent({ keepAlive: true, maxSockets: connections });
  }

  /** @returns whatever the server answers. @throws Error when it does not: nobody knows then what became of the request. */
  send(url: string, { method = 'GET', headers = {}, body, timeoutMs = 30_000 }: Outgoing = {}): Promise<Reply> {
    const [request, agent] = url.startsWith('https:') ? [tlsRequest, this.tls] : [plainRequest, this.plain];
    return new Promise((resolve, reject) => {
      const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
      const sent = request(url, { method, agent, headers: { ...headers, ...length }, signal: AbortSignal.timeout(timeoutMs) }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', reject);
        response.once('end', () => {
          if (response.complete) resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) });
          else reject(new Error('The answer broke off'));
        });
      });
      sent.once('error', reject);
      sent.end(body);
    });
  }

  close(): void {
    this.plain.destroy();
    this.tls.destroy();
  }
}
