import type { Faults } from '../world/faults.ts';
import type { RandomStream } from '../world/random.ts';
import type { Cluster } from './cluster.ts';

/** Longer than the lease of a scheduler. */
const LONG_PAUSE_MS = 15_000;

/** Lets the faults of a seed happen until `until`; what it broke for a while is whole again by then. */
export function releaseNemesis(cluster: Cluster, faults: Faults, random: RandomStream, until: number): void {
  const { world } = cluster;
  const every = (meanMs: number, act: () => void): void => {
    if (meanMs === 0) return;
    const delay = 500 + random.delay(meanMs, meanMs * 4);
    if (world.now + delay >= until) return;
    world.after(delay, () => {
      act();
      every(meanMs, act);
    });
  };
  const skew = (): number =>
    faults.clockSkewMaxMs === 0 || world.now >= until ? 0 : random.int(-faults.clockSkewMaxMs, faults.clockSkewMaxMs);

  every(faults.crashEveryMs, () => {
    const victim = random.next();
    if (victim < 0.25) {
      cluster.killCustodian(random.int(0, cluster.custodians.length - 1));
      world.after(random.int(100, 5_000), () => cluster.addCustodian());
    } else if (victim < 0.5) {
      const index = random.int(0, cluster.schedulers.length - 1);
      const scheduler = cluster.schedulers[index];
      // As on SIGTERM: given some time, then gone for good.
      cluster.tell(`stop ${scheduler?.process.name}`);
      void scheduler?.stop().catch(() => {});
      world.after(random.int(10, 3_000), () => {
        if (scheduler) cluster.killScheduler(cluster.schedulers.indexOf(scheduler));
      });
      world.after(random.int(3_000, 8_000), () => cluster.addScheduler(skew()));
    } else {
      cluster.killScheduler(random.int(0, cluster.schedulers.length - 1));
      world.after(random.int(100, 8_000), () => cluster.addScheduler(skew()));
    }
  });
  every(faults.pauseEveryMs, () => {
    const victims = [
      ...cluster.schedulers.map((scheduler) => scheduler.process),
      ...cluster.custodians,
      ...cluster.workers,
    ];
    const victim = random.pick(victims);
    const pauseMs = random.chance(0.5) ? random.int(100, 3_000) : random.int(3_000, LONG_PAUSE_MS);
    cluster.tell(`pause ${victim.name} for ${pauseMs} ms`);
    victim.pause(pauseMs);
  });
  every(faults.workerCrashEveryMs, () => {
    cluster.killWorker(random.int(0, cluster.workers.length - 1));
    world.after(random.int(100, 6_000), () => cluster.addWorker());
  });
  every(faults.storeOutageEveryMs, () => {
    cluster.condition.down = true;
    cluster.tell('store away');
    world.after(random.int(500, 12_000), () => {
      cluster.condition.down = false;
      cluster.tell('store back');
    });
  });
  every(faults.busOutageEveryMs, () => {
    cluster.broker.setDown(true);
    cluster.tell('broker away');
    world.after(random.int(500, 12_000), () => {
      cluster.broker.setDown(false);
      cluster.tell('broker back');
    });
  });
  every(faults.clockJumpEveryMs, () => {
    if (cluster.schedulers.length === 0) return;
    const { process } = random.pick(cluster.schedulers);
    process.clockOffsetMs = skew();
    cluster.tell(`clock of ${process.name} is ${process.clockOffsetMs} ms ahead`);
  });
}
