import { type ActionMessage, topologyFor } from '@simple-scheduler/contracts';
import { createVhost, type Vhost, waitFor } from '@simple-scheduler/testkit';
import { connect, type ChannelModel, type ConfirmChannel } from 'amqplib';
import { Heard } from './scheduler-side.ts';

/** The scheduler's end of a real broker, in a virtual host of its own, with queues as a scheduler would have them. */
export class AmqpSide implements AsyncDisposable {
  readonly vhost: Vhost;
  readonly heard: Heard = new Heard();
  #model: ChannelModel | undefined;
  #channel: ConfirmChannel | undefined;

  private constructor(vhost: Vhost) {
    this.vhost = vhost;
  }

  static async open(broker: { url: string; managementUrl: string }): Promise<AmqpSide> {
    const side = new AmqpSide(await createVhost(broker));
    await side.connect();
    return side;
  }

  /** Anew, after the broker was away or has closed the connection. */
  async connect(): Promise<void> {
    this.#model = await waitFor(() => connect(this.vhost.url), { timeoutMs: 60_000, message: 'the broker' });
    this.#model.on('error', () => {});
    this.#channel = await this.#model.createConfirmChannel();
    this.#channel.on('error', () => {});
    for (const kind of ['status', 'heartbeat'] as const) {
      const { queue } = await this.channel.assertQueue(`scheduler.${kind}`, { durable: true });
      await this.channel.consume(queue, (message) => {
        if (message === null) return;
        this.heard.take(kind, message.content);
        this.channel.ack(message);
      });
    }
  }

  get channel(): ConfirmChannel {
    if (this.#channel === undefined) throw new Error('not connected');
    return this.#channel;
  }

  async declare(job: { name: string; workQueue?: string }): Promise<void> {
    const { actionExchange, statusExchange, heartbeatExchange, actionQueue } = topologyFor(job);
    for (const exchange of [actionExchange, statusExchange, heartbeatExchange]) {
      await this.channel.assertExchange(exchange, 'topic', { durable: true });
    }
    await this.channel.assertQueue(actionQueue, { durable: true });
    await this.channel.bindQueue(actionQueue, actionExchange, '#');
    await this.channel.bindQueue('scheduler.status', statusExchange, '#');
    await this.channel.bindQueue('scheduler.heartbeat', heartbeatExchange, '#');
  }

  async remove(job: { name: string }): Promise<void> {
    const { actionExchange, statusExchange, heartbeatExchange, actionQueue } = topologyFor(job);
    await this.channel.deleteQueue(actionQueue);
    for (const exchange of [actionExchange, statusExchange, heartbeatExchange]) {
      await this.channel.deleteExchange(exchange);
    }
  }

  /** Resolves when the broker has confirmed all of them. */
  async send(...actions: readonly ActionMessage[]): Promise<void> {
    await this.#publish(actions, undefined);
  }

  async sendTo(workQueue: string, ...actions: readonly ActionMessage[]): Promise<void> {
    await this.#publish(actions, workQueue);
  }

  async sendBytes(jobName: string, text: string, routingKey = 'run'): Promise<void> {
    this.channel.publish(topologyFor({ name: jobName }).actionExchange, routingKey, Buffer.from(text));
    await this.channel.waitForConfirms();
  }

  /** Messages that no worker holds. */
  async readyIn(jobName: string): Promise<number> {
    return (await this.channel.checkQueue(topologyFor({ name: jobName }).actionQueue)).messageCount;
  }

  /** Names of exchanges and queues that begin with `prefix`. */
  async namesLike(prefix: string): Promise<string[]> {
    const path = encodeURIComponent(this.vhost.name);
    const lists = await Promise.all(
      ['exchanges', 'queues'].map(async (kind) => (await this.vhost.call('GET', `${kind}/${path}`)).json()),
    );
    return (lists.flat() as { name: string }[]).map(({ name }) => name).filter((name) => name.startsWith(prefix));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#model?.close().catch(() => {});
    await this.vhost.remove();
  }

  async #publish(actions: readonly ActionMessage[], workQueue: string | undefined): Promise<void> {
    for (const body of actions) {
      this.channel.publish(
        topologyFor({ name: body.jobName, workQueue }).actionExchange,
        body.action,
        Buffer.from(JSON.stringify(body)),
        {
          persistent: true,
          contentType: 'application/json',
          messageId: `${body.runId}:${body.attempt}:${body.action}`,
        },
      );
    }
    await this.channel.waitForConfirms();
  }
}
