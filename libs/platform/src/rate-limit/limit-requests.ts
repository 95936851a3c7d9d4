import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { DomainError } from '../errors.js';
import type { Verdict } from './bucket.js';
import { clientOf } from './client-address.js';
import type { Limit, LimitName } from './limits.js';
import type { RateLimits } from './rate-limits.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** In the order in which they are asked; a route that says nothing has the general one. */
    limits?: readonly LimitName[];
  }
}

/** Limits of this route instead of the general one. */
export const Limited = (...limits: [LimitName, ...LimitName[]]): MethodDecorator => RouteConfig({ limits });

/** For those who operate the service, from inside. */
export const Unlimited = (): MethodDecorator => RouteConfig({ limits: [] });

/** Nothing was read or stored. */
export class TooManyRequests extends DomainError {
  readonly code = 'request.too-many';
  readonly kind = 'too-many';
  readonly title = { fr: 'Trop de demandes', en: 'Too many requests' };

  /** @param retryAfter in seconds. */
  constructor(retryAfter: number) {
    super({ fr: `Renvoyez la même demande dans ${retryAfter} s.`, en: `Send the same request again in ${retryAfter} s.` }, { retryAfter });
  }
}

const GENERAL: readonly LimitName[] = ['general'];

/** Before anything of the body is read: the client's address counts, as the connection or a trusted proxy says. */
export function limitRequests(fastify: FastifyInstance, limits: RateLimits): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    const names = request.routeOptions.config.limits ?? GENERAL;
    for (const name of names) {
      const limit = limits.limit(name);
      const verdict = limits.take(name, subjectOf(limit, request));
      // What a campaign or everybody has left is nobody's business.
      if (limit.by === 'address') tell(reply, name, limit, verdict);
      if (!verdict.allowed) {
        done(new TooManyRequests(spreadOut(verdict.nextIn)));
        return;
      }
    }
    done();
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    // A fault of ours is no guess of theirs.
    if (reply.statusCode < 400 || reply.statusCode >= 500) for (const name of request.routeOptions.config.limits ?? []) {
      const limit = limits.limit(name);
      if (limit.refusedOnly) limits.giveBack(name, subjectOf(limit, request));
    }
    done();
  });
}

function subjectOf({ by }: Limit, request: FastifyRequest): string {
  switch (by) {
    case 'address': return clientOf(request.ip);
    case 'campaign': return (request.params as { campaignId?: string }).campaignId?.toLowerCase() ?? '';
    case 'all': return '';
  }
}

/** Fields RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers-10): of several limits the one named last is a stricter rule for fewer requests. */
function tell(reply: FastifyReply, name: LimitName, limit: Limit, { remaining, fullIn }: Verdict): void {
  void reply.header('ratelimit-policy', `"${name}";q=${limit.burst};w=${Math.ceil(limit.burst * 60 / limit.perMinute)}`);
  void reply.header('ratelimit', `"${name}";r=${remaining};t=${Math.ceil(fullIn)}`);
}

/** Up to half as much again, or everybody comes back together. */
const spreadOut = (seconds: number): number => Math.ceil(Math.max(1, seconds) * (1 + Math.random() / 2));
