import type { BrokerParts } from './memory-broker.ts';
import type { Attachment, MemoryQueue, QueueConsumer } from './memory-queue.ts';

/** What one endpoint consumes, for as long as it likes: taken away when the broker goes, attached again when it is back. */
export interface LastingConsumer {
  /** While paused no deliveries; what is unacknowledged stays here. */
  setPaused(isPaused: boolean): void;
  /** No more deliveries; what is unacknowledged stays here. */
  cancel(): void;
  /** Ends it; what is unacknowledged goes back. */
  end(): void;
}

export interface ConsumerPlan extends QueueConsumer {
  /** Called for each attachment: finds or declares the queue. */
  queue(): MemoryQueue;
  /** The broker is gone and has taken back what was unacknowledged. */
  onLost?(): void;
}

export function consumeLastingly(parts: BrokerParts, plan: ConsumerPlan): LastingConsumer {
  const { condition, settings } = parts;
  const guarded: QueueConsumer = {
    prefetch: plan.prefetch,
    onDelivery: (delivery) => {
      try {
        plan.onDelivery(delivery);
      } catch (error) {
        settings.log?.error({ err: error, exchange: delivery.message.exchange }, 'a message handler threw');
      }
    },
  };
  let attachment: Attachment | undefined;
  let isPausedNow = false;
  const follow = (): void => {
    if (condition.isUp) {
      attachment ??= plan.queue().attach(guarded);
      attachment.setPaused(isPausedNow);
    } else if (attachment !== undefined) {
      attachment.detach();
      attachment = undefined;
      plan.onLost?.();
    }
  };
  const unsubscribe = condition.onChange(follow);
  follow();
  return {
    setPaused: (isPaused) => {
      isPausedNow = isPaused;
      attachment?.setPaused(isPaused);
    },
    cancel: () => {
      unsubscribe();
      attachment?.cancel();
    },
    end: () => {
      unsubscribe();
      attachment?.detach();
    },
  };
}
