import type { z } from 'zod';
import type { Client, Outgoing, Reply } from './client.js';

/** A service said no where the story needs a yes. */
export class Refused extends Error {
  constructor(readonly reply: Reply, what: string) {
    super(`${what}: ${reply.status} ${reply.body.toString().slice(0, 1_000)}`);
  }
}

/** JSON over HTTP as one person: a member of staff with a token, or anybody without. */
export class Api {
  constructor(private readonly client: Client, private readonly token?: string) {}

  async get<S extends z.ZodType>(url: string, schema: S): Promise<z.output<S>> {
    return schema.parse(jsonOf(await this.reply(url)));
  }

  async send<S extends z.ZodType>(method: 'POST' | 'PUT', url: string, body: unknown, schema: S, headers: Record<string, string> = {}): Promise<{ data: z.output<S>; etag: string }> {
    const reply = await this.reply(url, { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } });
    return { data: schema.parse(jsonOf(reply)), etag: reply.headers.etag ?? '' };
  }

  /** @returns whatever the answer. */
  async try(url: string, options: Outgoing = {}): Promise<Reply> {
    const authorization = this.token === undefined ? {} : { authorization: `Bearer ${this.token}` };
    return this.client.send(url, { ...options, headers: { ...authorization, ...options.headers } });
  }

  /** @throws Refused for anything but 2xx. */
  async reply(url: string, options: Outgoing = {}): Promise<Reply> {
    const reply = await this.try(url, options);
    if (reply.status < 200 || reply.status > 299) throw new Refused(reply, `${options.method ?? 'GET'} ${new URL(url).pathname}`);
    return reply;
  }
}

function jsonOf({ body }: Reply): unknown {
  return body.length === 0 ? undefined : (JSON.parse(body.toString()) as unknown);
}
