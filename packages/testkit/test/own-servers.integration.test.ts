import { type AddressInfo, connect as connectTo, createServer, type Server } from 'node:net';
import { connect } from 'amqplib';
import { MongoClient } from 'mongodb';
import { describe, expect, test } from 'vitest';
import { freshDatabase, startMongodb, startMongodbReplicaSet, startRabbitmq, waitFor } from '../src/index.ts';

describe('a server of one’s own', () => {
  test('MongoDB keeps address and data through stop, kill and start', async () => {
    await using mongodb = await startMongodb();
    const client = await MongoClient.connect(mongodb.url);
    const rows = client.db(freshDatabase()).collection('rows');
    await rows.insertOne({ a: 1 }, { writeConcern: { w: 'majority', journal: true } });
    const first = mongodb.pid;
    await mongodb.kill();
    expect(mongodb.pid).toBeUndefined();
    await mongodb.start();
    expect(mongodb.pid).not.toBe(first);
    expect(await rows.countDocuments()).toBe(1);
    await mongodb.restart();
    expect(await rows.countDocuments()).toBe(1);
    await client.close();
  });

  test('a replica set of three elects another primary when one is killed', async () => {
    await using replicaSet = await startMongodbReplicaSet();
    const client = await MongoClient.connect(replicaSet.url);
    const rows = client.db(freshDatabase()).collection('rows');
    await rows.insertOne({ a: 1 }, { writeConcern: { w: 'majority' } });
    const first = await replicaSet.primary();
    await first.kill();
    const second = await replicaSet.primary();
    expect(second.url).not.toBe(first.url);
    await rows.insertOne({ a: 2 }, { writeConcern: { w: 'majority' } });
    expect(await rows.countDocuments()).toBe(2);
    await first.start();
    await client.close();
  });

  test('a replica set is reached through the ports that it is known by, and its primary steps down', async () => {
    const passed = new Set<number>();
    const doors = new Array<Server>();
    await using replicaSet = await startMongodbReplicaSet({
      portFor: async (port) => {
        const door = createServer((client) => {
          passed.add(port);
          const member = connectTo({ port, host: '127.0.0.1' });
          client.on('error', () => member.destroy()).on('close', () => member.destroy());
          member.on('error', () => client.destroy()).on('close', () => client.destroy());
          client.pipe(member).pipe(client);
        });
        doors.push(door);
        await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
        return (door.address() as AddressInfo).port;
      },
    });
    await replicaSet.whole();
    const client = await MongoClient.connect(replicaSet.url);
    const rows = client.db(freshDatabase()).collection('rows');
    await rows.insertOne({ a: 1 }, { writeConcern: { w: 'majority' } });
    const first = await replicaSet.primary();
    await replicaSet.stepDown(5);
    expect((await replicaSet.primary()).url).not.toBe(first.url);
    await rows.insertOne({ a: 2 }, { writeConcern: { w: 'majority' } });
    await client.close();
    expect(passed.size).toBe(3);
    for (const door of doors) door.close();
  });

  test('RabbitMQ keeps address and durable messages through stop, kill, pause and start', async () => {
    await using rabbitmq = await startRabbitmq();
    const publish = async (text: string): Promise<void> => {
      const connection = await connect(rabbitmq.url);
      const channel = await connection.createConfirmChannel();
      await channel.assertQueue('kept');
      channel.sendToQueue('kept', Buffer.from(text), { persistent: true });
      await channel.waitForConfirms();
      await connection.close();
    };
    await publish('before stop');
    await rabbitmq.restart();
    await publish('before kill');
    await rabbitmq.kill();
    await rabbitmq.start();
    await rabbitmq.pause();
    const late = publish('while paused');
    const state = await Promise.race([late.then(() => 'answered'), isSilentFor(300)]);
    expect(state).toBe('silent');
    await rabbitmq.unpause();
    await late;
    const connection = await connect(rabbitmq.url);
    const { messageCount } = await (await connection.createChannel()).checkQueue('kept');
    expect(messageCount).toBe(3);
    await connection.close();
  });
});

/** A pause is seen by nothing happening, for which there is no event to wait for. */
async function isSilentFor(durationMs: number): Promise<'silent'> {
  const endAt = performance.now() + durationMs;
  await waitFor(() => performance.now() >= endAt, { timeoutMs: durationMs * 10 });
  return 'silent';
}
