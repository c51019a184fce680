// The test kit's servers are set up so that several fit beside each other and tests hear of changes soon. Figures are those of
// servers as they are shipped; each setting here is put back to what it is there.
import type { MongodbServer, RabbitmqServer } from '@simple-scheduler/testkit';
import { MongoClient } from 'mongodb';

/**
 * The test kit's brokers tell of their queues each second and may have 1 GiB: with a thousand queues the one costs a twentieth
 * of a core, and past half of the other, which a broker keeps after a burst, messages are moved to the disk.
 */
const RABBITMQ: readonly (readonly string[])[] = [
  ['eval', 'application:set_env(rabbit, collect_statistics_interval, 5000).'],
  ['set_vm_memory_high_watermark', '0.4'],
];

const CACHE_LEAST_MIB = 256;
const CACHE_LEFT_TO_OTHERS_MIB = 1_024;
const OPLOG_SHARE = 0.05;
const OPLOG_MB = { least: 990, most: 51_200 } as const;

/**
 * What the environment gave belongs to others and stays as it is. `wiredTiger`: settings of MongoDB's storage engine to be other
 * than as shipped, as its `wiredTigerEngineRuntimeConfig` has them.
 */
export async function setAsShipped(
  { mongodb, rabbitmq }: { readonly mongodb: MongodbServer; readonly rabbitmq: RabbitmqServer },
  wiredTiger: string,
): Promise<void> {
  await setBrokerAsShipped(rabbitmq);
  if (mongodb.source !== 'environment') await setMongodb(mongodb.url, wiredTiger);
}

export async function setBrokerAsShipped(rabbitmq: RabbitmqServer): Promise<void> {
  if (rabbitmq.source !== 'environment') for (const setting of RABBITMQ) await rabbitmq.control(...setting);
}

/**
 * Past a fifth of the cache that is changed and not yet written, the threads that serve commands write pages themselves: 51 MB
 * of the test kit's 256, which a burst of 20,000 runs passes. Its oplog of 128 MB is cut all the while. Both sizes follow the
 * machine, by MongoDB's own formulas.
 */
async function setMongodb(url: string, wiredTiger: string): Promise<void> {
  await using client = await MongoClient.connect(url);
  const admin = client.db('admin');
  const { system } = await admin.command({ hostInfo: 1 });
  const { fsTotalSize, fsUsedSize } = await admin.command({ dbStats: 1 });
  const memoryMiB = Number((system as { memLimitMB: number }).memLimitMB);
  const cacheMiB = Math.max(CACHE_LEAST_MIB, Math.floor((memoryMiB - CACHE_LEFT_TO_OTHERS_MIB) / 2));
  const freeMB = (Number(fsTotalSize) - Number(fsUsedSize)) / 2 ** 20;
  const oplogMB = Math.min(OPLOG_MB.most, Math.max(OPLOG_MB.least, Math.floor(freeMB * OPLOG_SHARE)));
  const engine = [`cache_size=${cacheMiB}M`, wiredTiger].filter((text) => text !== '').join(',');
  await admin.command({ setParameter: 1, wiredTigerEngineRuntimeConfig: engine });
  await admin.command({ replSetResizeOplog: 1, size: oplogMB });
}
