import { once } from 'node:events';
import { type AddressInfo, createServer, type ListenOptions, type Server, type Socket } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import type { CommonConfig } from './config.js';

/** Connections that wait to be taken up; Linux takes 4096 at most. With Node's 511 a crowd meets lost packets and tries again after 1, 3 and 7 seconds: nobody has told it to come back later. */
const BACKLOG = 4_096;
/**
 * Sockets that listen on the one port. The event loop takes up one connection of each in a turn (libuv since 1.45, its pull request 3696), and in a crowd
 * a turn takes tens of milliseconds: with one socket, some dozens of connections a second, and whoever comes behind a thousand others waits for half a minute
 * while those that are open are served at once.
 */
const LISTENERS = 64;

/** @throws EADDRINUSE when anybody listens there already. */
export async function listen(app: NestFastifyApplication, { HTTP_PORT: port, HTTP_HOST: host }: CommonConfig): Promise<void> {
  const http = app.getHttpServer();
  const others = Array.from({ length: LISTENERS - 1 }, () => createServer({ noDelay: true }, (socket: Socket) => { http.emit('connection', socket); }));
  closeWith(app.getHttpAdapter().getInstance(), others);
  // Sockets that share a port share it with any other process that wants to: one that does not share finds out who is there.
  const probe = createServer();
  await listening(probe, { port, host });
  await new Promise((resolve) => probe.close(resolve));
  const options = { port, host, backlog: BACKLOG, reusePort: true };
  await app.listen(options);
  const { port: given } = http.address() as AddressInfo;
  await Promise.all(others.map((server) => listening(server, { ...options, port: given })));
}

/** They stop listening when the application does, and it waits for the connections that came through them. */
function closeWith(fastify: FastifyInstance, servers: readonly Server[]): void {
  let closed: Promise<unknown> = Promise.resolve();
  fastify.addHook('preClose', (done) => {
    closed = Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    done();
  });
  fastify.addHook('onClose', async () => { await closed; });
}

async function listening(server: Server, options: ListenOptions): Promise<void> {
  server.listen(options);
  await once(server, 'listening');
}
