import { applyDecorators, type CanActivate, createParamDecorator, type ExecutionContext, Injectable, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiBearerAuth } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload } from 'jose';
import { z } from 'zod';
import { DomainError } from './errors.js';

export const ROLES = ['campaign-manager', 'moderator', 'analyst', 'steering-member', 'mail-operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/** Who signed in: what the audit trail names. */
export interface StaffMember {
  /** Claim `sub`, of this issuer. */
  readonly subject: string;
  readonly name: string;
  readonly roles: readonly Role[];
  /** Codes of the steering bodies whose reports a steering member sees. */
  readonly bodies: readonly string[];
}

export class SignInRequired extends DomainError {
  readonly code = 'request.unauthenticated';
  readonly kind = 'unauthenticated';
  readonly title = { fr: 'Authentification nécessaire', en: 'Sign-in required' };
}

export class RoleMissing extends DomainError {
  readonly code = 'request.forbidden';
  readonly kind = 'forbidden';
  readonly title = { fr: 'Accès refusé', en: 'Access refused' };
}

class SignInServerAway extends DomainError {
  readonly code = 'service.sign-in-unavailable';
  readonly kind = 'unavailable';
  readonly title = { fr: 'Le serveur d’authentification ne répond pas', en: 'The sign-in server does not answer' };
}

const ACCESS = Symbol('access');

/** A route for everybody. */
export const Public = (): ClassDecorator & MethodDecorator => SetMetadata(ACCESS, 'public');

/** A route for staff with one of these roles; `admin` has them all. */
export const Staff = (...roles: [Role, ...Role[]]): ClassDecorator & MethodDecorator => applyDecorators(SetMetadata(ACCESS, roles), ApiBearerAuth());

type Guarded = FastifyRequest & { staff?: StaffMember };

/** Of the request; a start-up check knows the routes that ask for it by this function. */
export const staffOf = (_: unknown, context: ExecutionContext): StaffMember => {
  const { staff } = context.switchToHttp().getRequest<Guarded>();
  if (!staff) throw new Error('CurrentStaff on a route without @Staff');
  return staff;
};

/** The staff member behind the request, on a `@Staff` route. */
export const CurrentStaff = createParamDecorator(staffOf);

const claims = z.object({
  sub: z.string().min(1),
  exp: z.number(),
  name: z.string().min(1).optional(),
  roles: z.array(z.string()).default([]),
  bodies: z.array(z.string()).default([]),
});

/** OpenID Connect access tokens as JWT (RFC 9068), RS256 or ES256, keys by the issuer's JWKS alone: what a token's header says of keys is not followed. */
export class AccessTokens {
  private readonly keys: ReturnType<typeof createRemoteJWKSet>;

  constructor(private readonly settings: { issuer: string; audience: string; jwksUrl: string }) {
    this.keys = createRemoteJWKSet(new URL(settings.jwksUrl), { timeoutDuration: 3_000, cooldownDuration: 5_000 });
  }

  /** @throws SignInRequired for a token that is missing, foreign, expired or not an access token; SignInServerAway when its keys cannot be had. */
  async verify(authorization: string | undefined): Promise<StaffMember> {
    const [, token] = /^Bearer ([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+)$/.exec(authorization ?? '') ?? [];
    const refused = new SignInRequired({ fr: 'Présentez un jeton d’accès en cours de validité.', en: 'Present a valid access token.' });
    if (token === undefined) throw refused;
    const payload = await this.payloadOf(token, refused);
    const parsed = claims.safeParse(payload);
    if (!parsed.success) throw refused;
    const { sub, name, roles, bodies } = parsed.data;
    return { subject: sub, name: name ?? sub, roles: ROLES.filter((role) => roles.includes(role)), bodies };
  }

  private async payloadOf(token: string, refused: SignInRequired): Promise<JWTPayload> {
    try {
      const { payload, protectedHeader } = await jwtVerify(token, this.keys, {
        algorithms: ['RS256', 'ES256'],
        issuer: this.settings.issuer,
        audience: this.settings.audience,
        requiredClaims: ['exp', 'sub'],
        clockTolerance: 5,
      });
      // An ID token has no such type, or says so by its nonce (RFC 9068 §4).
      const type = protectedHeader.typ?.toLowerCase().replace(/^application\//, '');
      if ((type !== undefined && type !== 'at+jwt' && type !== 'jwt') || 'nonce' in payload || 'at_hash' in payload) throw refused;
      return payload;
    } catch (error) {
      if (keysAway(error)) throw new SignInServerAway({ fr: 'Réessayez dans quelques instants.', en: 'Try again in a moment.' });
      throw refused;
    }
  }
}

/** jose says everything else about the token or the key set; these, and what is not of jose, are about the key set itself. */
const keysAway = (error: unknown): boolean => !(error instanceof errors.JOSEError || error instanceof DomainError) || error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid || (error as { code: string }).code === 'ERR_JOSE_GENERIC';

/** What a route's decorator says; the method's before the class's. */
export const accessOf = (reflector: Reflector, handler: unknown, controller: unknown): 'public' | readonly Role[] | undefined =>
  reflector.getAllAndOverride<'public' | readonly Role[] | undefined>(ACCESS, [handler, controller] as never);

@Injectable()
export class StaffGuard implements CanActivate {
  constructor(private readonly reflector: Reflector, private readonly tokens: AccessTokens) {}

  /** @throws SignInRequired, RoleMissing. A route that says nothing is closed to everybody. */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() !== 'http') return true;
    const access = accessOf(this.reflector, context.getHandler(), context.getClass());
    if (access === 'public') return true;
    const request = context.switchToHttp().getRequest<Guarded>();
    const staff = await this.tokens.verify(request.headers.authorization);
    if (!access || !(staff.roles.includes('admin') || access.some((role) => staff.roles.includes(role)))) {
      throw new RoleMissing({ fr: 'Votre rôle ne permet pas cette action.', en: 'Your role does not allow this.' });
    }
    request.staff = staff;
    return true;
  }
}
