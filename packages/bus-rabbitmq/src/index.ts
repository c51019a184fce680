export { TopologyRefusedError } from './amqp-errors.ts';
export type { RabbitBusOptions } from './options.ts';
export { openRabbitBus, type RabbitBus } from './rabbit-bus.ts';
