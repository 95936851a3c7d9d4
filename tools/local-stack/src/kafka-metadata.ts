import { connect } from 'node:net';

const METADATA = 3;
const VERSION = 1;

/**
 * Asks a broker for the cluster's metadata, by the few bytes of the protocol that this takes
 * (Kafka clients belong to libs/messaging, and an open port says nothing: it opens before the broker serves).
 * @returns the number of brokers that serve, and whether a controller leads them.
 */
export function askMetadata(host: string, port: number, timeoutMs = 2_000): Promise<{ brokers: number; hasController: boolean }> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const received: Buffer[] = [];
    const finish = (outcome: () => void): void => {
      socket.destroy();
      outcome();
    };
    socket.setTimeout(timeoutMs, () => finish(() => reject(new Error('no answer to a metadata request'))));
    socket.once('error', (error) => finish(() => reject(error)));
    socket.once('close', () => reject(new Error('the broker closed the connection')));
    socket.once('connect', () => socket.write(metadataRequest()));
    socket.on('data', (chunk: Buffer) => {
      received.push(chunk);
      const bytes = Buffer.concat(received);
      if (bytes.length < 4 || bytes.length < 4 + bytes.readInt32BE(0)) return;
      try {
        const answer = readMetadata(bytes.subarray(8)); // after size and correlation id
        finish(() => resolve(answer));
      } catch (error) {
        finish(() => reject(new Error('not an answer to a metadata request', { cause: error })));
      }
    });
  });
}

/** Size, then header v1 (key, version, correlation id, client id), then an empty list of topics: "none". */
function metadataRequest(): Buffer {
  const client = Buffer.from('local-stack');
  const body = Buffer.alloc(4 + 2 + 2 + 4 + 2 + client.length + 4);
  body.writeInt32BE(body.length - 4, 0);
  body.writeInt16BE(METADATA, 4);
  body.writeInt16BE(VERSION, 6);
  body.writeInt32BE(1, 8);
  body.writeInt16BE(client.length, 12);
  client.copy(body, 14);
  body.writeInt32BE(0, 14 + client.length);
  return body;
}

/** Brokers: [id int32, host string, port int32, rack nullable string]; then the controller's id. */
function readMetadata(bytes: Buffer): { brokers: number; hasController: boolean } {
  let at = 4;
  const brokers = bytes.readInt32BE(0);
  const skipString = (): void => {
    at += 2 + Math.max(0, bytes.readInt16BE(at));
  };
  for (let i = 0; i < brokers; i++) {
    at += 4;
    skipString();
    at += 4;
    skipString();
  }
  return { brokers, hasController: bytes.readInt32BE(at) >= 0 };
}
