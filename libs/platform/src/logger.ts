import type { LoggerService } from '@nestjs/common';
import { type DestinationStream, type Logger, pino } from 'pino';
import { currentTraceparent, traceId } from './trace.js';

/** Whatever carries one of these names is not written, at any of the first levels. */
const REDACTED = ['authorization', 'cookie', 'password', 'token', 'managementToken', 'email', 'contact', 'sealedContact', 'body', 'authorName'].flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

/** An address in a message of somebody else's making, such as a server's reply. */
const ADDRESS = /[^\s<>"'=:,;/()@]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8}/gi;

const withoutAddresses = (text: string): string => text.replaceAll(ADDRESS, '[address]');

/** Nest names every module and route at start-up, which nobody asks about. */
const CHATTER = new Set(['InstanceLoader', 'RoutesResolver', 'RouterExplorer']);

/** One JSON line for each decision that a human may ask about: ids, not payloads. ERROR means that somebody must act now. */
export class JsonLogger implements LoggerService {
  private readonly pino: Logger;

  constructor(service: string, level: string, destination?: DestinationStream) {
    const options = {
      level,
      base: { service },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: REDACTED, censor: '[redacted]' },
      formatters: { level: (label: string) => ({ level: label }) },
      mixin: () => {
        const trace = currentTraceparent();
        return trace === undefined ? {} : { traceId: traceId(trace) };
      },
    };
    this.pino = destination ? pino(options, destination) : pino(options);
  }

  log(message: unknown, ...context: unknown[]): void { this.write(CHATTER.has(String(context.at(-1))) ? 'debug' : 'info', message, context); }
  warn(message: unknown, ...context: unknown[]): void { this.write('warn', message, context); }
  error(message: unknown, ...context: unknown[]): void { this.write('error', message, context); }
  fatal(message: unknown, ...context: unknown[]): void { this.write('fatal', message, context); }
  debug(message: unknown, ...context: unknown[]): void { this.write('debug', message, context); }
  verbose(message: unknown, ...context: unknown[]): void { this.write('trace', message, context); }

  /** Nest gives the class that speaks as the last argument, and a stack before it where there is one. */
  private write(level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal', message: unknown, rest: unknown[]): void {
    const context = typeof rest.at(-1) === 'string' ? { context: rest.at(-1) } : {};
    if (typeof message === 'object' && message !== null && !(message instanceof Error)) {
      const members = Object.entries(message).map(([name, value]): [string, unknown] => [name, typeof value === 'string' ? withoutAddresses(value) : value]);
      this.pino[level]({ ...context, ...Object.fromEntries(members) });
      return;
    }
    this.pino[level](context, withoutAddresses(message instanceof Error ? (message.stack ?? message.message) : String(message)));
  }
}
