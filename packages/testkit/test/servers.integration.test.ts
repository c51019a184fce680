import { connect } from 'amqplib';
import { MongoClient } from 'mongodb';
import { beforeAll, describe, expect, test } from 'vitest';
import { createVhost, freshDatabase } from '../src/index.ts';
import { sharedKeycloak, sharedMongodb, sharedRabbitmq } from '../src/vitest.ts';

describe('a shared server', () => {
  beforeAll(() => Promise.all([sharedMongodb(), sharedRabbitmq(), sharedKeycloak()]));

  test('MongoDB takes transactions', async () => {
    const client = await MongoClient.connect((await sharedMongodb()).url);
    const rows = client.db(freshDatabase()).collection('rows');
    await client.withSession((session) => session.withTransaction(() => rows.insertOne({ a: 1 }, { session })));
    expect(await rows.countDocuments()).toBe(1);
    await client.close();
  });

  test('RabbitMQ keeps virtual hosts apart and closes the connections of one', async () => {
    const broker = await sharedRabbitmq();
    await using one = await createVhost(broker);
    await using other = await createVhost(broker);
    const connection = await connect(one.url);
    connection.on('error', () => {});
    const closed = new Promise((resolve) => connection.once('close', resolve));
    await (await connection.createChannel()).assertQueue('only-here');
    expect(await (await other.call('GET', `queues/${other.name}`)).json()).toEqual([]);
    expect(await one.closeConnections()).toBe(1);
    await closed;
  });

  test('Keycloak serves the project realm', async () => {
    const { issuer } = await sharedKeycloak();
    const discovery = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
    expect(discovery).toMatchObject({ issuer, scopes_supported: expect.arrayContaining(['jobs:write']) });
  });
});
