import { definePart } from '../part.ts';
import type { SettingsPart } from '../part.ts';
import { Secret } from '../secret.ts';
import { choice, connectionString } from '../values.ts';

export type BusSettings =
  | { readonly type: 'rabbitmq'; readonly connectionString: Secret }
  /** Within this process. */
  | { readonly type: 'memory' };

const RABBITMQ_DEFAULT = 'amqp://guest:guest@localhost:5672/';

export const busSettings: SettingsPart<BusSettings> = definePart(
  {
    type: {
      name: 'MESSAGEBUS_TYPE',
      help: 'The message bus. `memory` works within the standalone process only.',
      example: 'rabbitmq',
      schema: choice(['rabbitmq', 'memory']),
    },
    connection: {
      name: 'MESSAGEBUS_CONNECTION_STRING',
      help: `Where RabbitMQ is (default \`${RABBITMQ_DEFAULT}\`).`,
      example: RABBITMQ_DEFAULT,
      secret: true,
      schema: connectionString,
    },
  },
  ({ type, connection }, { service, refuse }) => {
    // Whoever says where RabbitMQ is wants it used: workers that wait there would never hear anything.
    const isAlone = service === 'standalone' && connection === undefined;
    if ((type ?? (isAlone ? 'memory' : 'rabbitmq')) === 'memory') {
      if (service !== 'standalone') {
        refuse('type', 'is possible in the standalone service only, as no other process can reach it; use rabbitmq');
      }
      return { type: 'memory' };
    }
    const address = connection ?? new Secret(RABBITMQ_DEFAULT, RABBITMQ_DEFAULT.replace(':guest@', ':***@'));
    if (!isAmqpUrl(address.reveal()))
      refuse('connection', 'must be a URL that begins with amqp:// or amqps:// and names a host');
    return { type: 'rabbitmq', connectionString: address };
  },
);

function isAmqpUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && /^amqps?:$/.test(url.protocol) && url.hostname !== '';
}
