// A worker of the chaos run: amqplib, a journal, and nothing of ours.
import { Desk } from './desk.ts';
import { Journal } from './journal.ts';
import { Link } from './link.ts';
import type { WorkerPlan } from './plan.ts';

const plan = JSON.parse(process.env['CHAOS_WORKER'] ?? '') as WorkerPlan;
const journal = new Journal(plan.journal);
await journal.write({ t: 'born', at: Date.now(), worker: plan.name, knowsAttempts: plan.knowsAttempts });
const link: Link = new Link({
  url: plan.url,
  topologies: plan.topologies,
  onDelivery: (delivery) => void desk.take(delivery),
  onReady: () => console.log(JSON.stringify({ msg: 'ready', worker: plan.name })),
});
const desk = new Desk(plan, journal, link);
process.once('SIGTERM', () => void journal.close().then(() => process.exit(0)));
await link.live();
